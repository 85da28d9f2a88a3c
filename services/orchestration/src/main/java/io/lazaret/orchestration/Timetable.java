package io.lazaret.orchestration;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * When something is due; each key once. Held in memory and rebuilt from the stores. Setting a time
 * is far more frequent than one that passes, so the times are not kept in order.
 */
final class Timetable {

  /** Milliseconds since the epoch. */
  private final Map<String, Long> times = new HashMap<>();

  /** Nothing is due before. */
  private long earliest = Long.MAX_VALUE;

  /** The key is due then, and at no other time; empty: never. */
  void set(String key, Optional<Instant> at) {
    if (at.isEmpty()) {
      times.remove(key);
    } else {
      long millis = at.get().toEpochMilli();
      times.put(key, millis);
      earliest = Math.min(earliest, millis);
    }
  }

  /** Takes out what is due by now, earliest first. */
  List<String> due(Instant now) {
    long present = now.toEpochMilli();
    if (present < earliest) {
      return List.of();
    }
    earliest = Long.MAX_VALUE;
    List<Map.Entry<String, Long>> due = new ArrayList<>();
    for (Iterator<Map.Entry<String, Long>> all = times.entrySet().iterator(); all.hasNext(); ) {
      Map.Entry<String, Long> each = all.next();
      if (each.getValue() <= present) {
        due.add(Map.entry(each.getKey(), each.getValue()));
        all.remove();
      } else {
        earliest = Math.min(earliest, each.getValue());
      }
    }
    return due.stream()
        .sorted(
            Map.Entry.<String, Long>comparingByValue().thenComparing(Map.Entry.comparingByKey()))
        .map(Map.Entry::getKey)
        .toList();
  }
}
