package io.lazaret.console.view;

/**
 * One model as lists show it.
 *
 * @param screening id of the newest screening; empty before the first
 * @param state of the newest screening
 * @param since when that state began, milliseconds since 1970
 * @param policy place of the event that adopted its policy; empty: the standard policy
 */
public record ModelRow(
    String name,
    String architecture,
    long parameters,
    String screening,
    String state,
    long since,
    long startedAt,
    int screenings,
    long events,
    long lastEventAt,
    String policy) {

  static ModelRow begin(String name) {
    return new ModelRow(name, "", 0, "", "", 0, 0, 0, 0, 0, "");
  }
}
