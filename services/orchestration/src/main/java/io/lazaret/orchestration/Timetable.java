package io.lazaret.orchestration;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/** When something is due; each key once. Held in memory and rebuilt from the stores. */
final class Timetable {

  private record Entry(Instant at, String key) {}

  private final TreeSet<Entry> entries =
      new TreeSet<>(Comparator.comparing(Entry::at).thenComparing(Entry::key));
  private final Map<String, Entry> byKey = new HashMap<>();

  /** The key is due then, and at no other time; empty: never. */
  void set(String key, Optional<Instant> at) {
    Entry before = byKey.remove(key);
    if (before != null) {
      entries.remove(before);
    }
    at.ifPresent(
        instant -> {
          Entry entry = new Entry(instant, key);
          entries.add(entry);
          byKey.put(key, entry);
        });
  }

  /** Takes out what is due by now. */
  List<String> due(Instant now) {
    List<String> due = new ArrayList<>();
    while (!entries.isEmpty() && !entries.first().at().isAfter(now)) {
      Entry entry = entries.pollFirst();
      byKey.remove(entry.key());
      due.add(entry.key());
    }
    return due;
  }
}
