package io.lazaret.console.view;

import io.lazaret.console.record.Place;

/** What an event changes in the row of its model. */
final class ModelRows {

  private ModelRows() {}

  /**
   * The row after an event.
   *
   * @param history the history of the event, after it
   * @param policy place of the event when it adopts a policy; null otherwise
   */
  static ModelRow after(ModelRow row, ScreeningRow history, Place policy) {
    boolean first = history.screening() && history.sequence() == 0;
    boolean newest = history.screening() && history.startedAt() >= row.startedAt();
    boolean moved = newest && !history.state().equals(row.state());
    boolean fresh = newest && !history.id().equals(row.screening());
    boolean known = newest && !history.architecture().isEmpty();
    return new ModelRow(
        row.name(),
        known ? history.architecture() : row.architecture(),
        known ? history.parameters() : row.parameters(),
        newest ? history.id() : row.screening(),
        newest ? history.state() : row.state(),
        moved || fresh ? history.updatedAt() : row.since(),
        newest ? history.startedAt() : row.startedAt(),
        row.screenings() + (first ? 1 : 0),
        row.events() + 1,
        Math.max(row.lastEventAt(), history.updatedAt()),
        policy == null ? row.policy() : policy.id());
  }
}
