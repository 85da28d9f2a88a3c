package io.lazaret.orchestration;

import io.lazaret.lifecycle.screening.Position;
import io.lazaret.lifecycle.screening.Screening;
import io.lazaret.schemas.Decision;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * The histories of open screenings, one row per event. When a screening closes its rows go and one
 * short row stays that says how it ended, so the store is bounded by what is at work.
 */
final class Histories {

  static final String OPEN = "open-screenings";
  static final String CLOSED = "closed-screenings";

  /**
   * Folded screenings that are kept at hand; the others are folded again when they are asked for.
   */
  private static final int FOLDED = 1_024;

  private static final String ROW = "%s/%08d";

  private final KeyValueStore<String, SpecificRecord> open;
  private final KeyValueStore<String, String> closed;
  private final Map<String, Screening> folded =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Screening> eldest) {
          return size() > FOLDED;
        }
      };

  Histories(KeyValueStore<String, SpecificRecord> open, KeyValueStore<String, String> closed) {
    this.open = open;
    this.closed = closed;
  }

  /** The screening as its events left it. */
  Screening screening(String screeningId) {
    Screening atHand = folded.get(screeningId);
    if (atHand != null) {
      return atHand;
    }
    String end = closed.get(screeningId);
    return end == null ? Screening.fold(events(screeningId)) : ended(end);
  }

  private List<SpecificRecord> events(String screeningId) {
    List<SpecificRecord> events = new ArrayList<>();
    try (KeyValueIterator<String, SpecificRecord> rows =
        open.prefixScan(screeningId + "/", new StringSerializer())) {
      rows.forEachRemaining(row -> events.add(row.value));
    }
    return events;
  }

  /** Every open screening with its id. */
  void forEachOpen(BiConsumer<String, Screening> action) {
    String id = "";
    List<SpecificRecord> events = new ArrayList<>();
    try (KeyValueIterator<String, SpecificRecord> rows = open.all()) {
      while (rows.hasNext()) {
        var row = rows.next();
        String of = row.key.substring(0, row.key.lastIndexOf('/'));
        if (!of.equals(id) && !events.isEmpty()) {
          action.accept(id, Screening.fold(events));
          events.clear();
        }
        id = of;
        events.add(row.value);
      }
    }
    if (!events.isEmpty()) {
      action.accept(id, Screening.fold(events));
    }
  }

  /** Notes events and the state that they lead to. */
  void append(String screeningId, List<SpecificRecord> events, Screening after) {
    long first = after.nextSequence() - events.size();
    if (after instanceof Screening.Closed end) {
      for (long sequence = 0; sequence < first; sequence++) {
        open.delete(ROW.formatted(screeningId, sequence));
      }
      closed.put(screeningId, end.decision() + " " + end.nextSequence());
      folded.remove(screeningId);
      return;
    }
    for (int i = 0; i < events.size(); i++) {
      open.put(ROW.formatted(screeningId, first + i), events.get(i));
    }
    folded.put(screeningId, after);
  }

  private static Screening ended(String row) {
    String[] parts = row.split(" ");
    return new Screening.Closed(
        Decision.valueOf(parts[0]), Position.ended(Long.parseLong(parts[1])));
  }
}
