package io.lazaret.console.view;

import io.lazaret.console.record.Writing;
import java.util.HashSet;
import java.util.Set;

/** Puts a screening on the lists that it belongs to, and takes it off those that it left. */
final class ListChanges {

  private ListChanges() {}

  private record Entry(String list, long time) {}

  static void write(Writing writing, ScreeningRow before, ScreeningRow after) {
    Set<Entry> was = before.sequence() < 0 ? Set.of() : entries(before);
    Set<Entry> is = entries(after);
    for (Entry each : was) {
      if (!is.contains(each)) {
        writing.unlist(each.list(), each.time(), after.id());
      }
    }
    for (Entry each : is) {
      if (!was.contains(each)) {
        writing.list(each.list(), each.time(), after.id());
      }
    }
  }

  private static Set<Entry> entries(ScreeningRow row) {
    Set<Entry> entries = new HashSet<>();
    if (!row.screening()) {
      return entries;
    }
    entries.add(new Entry(Lists.SCREENINGS, row.startedAt()));
    entries.add(new Entry(Lists.ofModel(row.model()), row.startedAt()));
    entries.add(new Entry(Lists.inState(row.state()), row.startedAt()));
    if (row.open()) {
      entries.add(new Entry(Lists.OPEN, row.startedAt()));
    }
    if (row.waiting()) {
      entries.add(new Entry(Lists.WAITING, row.startedAt()));
    }
    if (row.decidedAt() > 0) {
      entries.add(new Entry(Lists.VERDICTS, row.decidedAt()));
    }
    return entries;
  }
}
