package io.lazaret.console.view;

/**
 * One history as lists show it; times in milliseconds since 1970, 0 for none. Texts are empty where
 * nothing is known.
 *
 * @param id the screening
 * @param screening false for the histories that hold requests about releases
 * @param model name of the model
 * @param digest of the model that came in, or that is looked at again
 * @param sequence of the last event
 * @param state a stage, a decision, or QUEUED; HELD while persons have to decide, whatever the
 *     decision
 * @param open whether anything may still happen
 * @param waiting whether persons have to decide
 * @param stage that is awaited
 * @param stageSince when the stage was asked for first
 * @param failed attempts that failed so far
 * @param cause of a rescreening
 * @param reason of a rescreening
 * @param why the first reason of the verdict
 */
public record ScreeningRow(
    String id,
    boolean screening,
    String model,
    String digest,
    String architecture,
    long parameters,
    long startedAt,
    long updatedAt,
    long sequence,
    String state,
    boolean open,
    boolean waiting,
    String stage,
    int round,
    int attempt,
    long stageSince,
    int failed,
    String requestedBy,
    String cause,
    String reason,
    String decision,
    long decidedAt,
    double seconds,
    String why) {

  /** Before the first event. */
  static ScreeningRow begin(String id, boolean screening, String model, long at) {
    return new ScreeningRow(
        id, screening, model, "", "", 0, at, at, -1, "QUEUED", screening, false, "", 0, 0, 0, 0, "",
        "", "", "", 0, 0, "");
  }
}
