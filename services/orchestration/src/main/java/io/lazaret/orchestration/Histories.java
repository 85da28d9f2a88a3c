package io.lazaret.orchestration;

import io.lazaret.lifecycle.Effects;
import io.lazaret.lifecycle.Screening;
import io.lazaret.schemas.Decision;
import java.util.ArrayList;
import java.util.List;
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

  private static final String ROW = "%s/%08d";

  private final KeyValueStore<String, SpecificRecord> open;
  private final KeyValueStore<String, String> closed;

  Histories(KeyValueStore<String, SpecificRecord> open, KeyValueStore<String, String> closed) {
    this.open = open;
    this.closed = closed;
  }

  /** The screening as its events left it. */
  Screening screening(String screeningId) {
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

  /** Notes the events that follow. */
  void append(String screeningId, Effects effects) {
    long first = effects.after().nextSequence() - effects.events().size();
    if (effects.after() instanceof Screening.Closed end) {
      for (long sequence = 0; sequence < first; sequence++) {
        open.delete(ROW.formatted(screeningId, sequence));
      }
      closed.put(screeningId, end.decision() + " " + end.nextSequence());
      return;
    }
    for (int i = 0; i < effects.events().size(); i++) {
      open.put(ROW.formatted(screeningId, first + i), effects.events().get(i));
    }
  }

  private static Screening ended(String row) {
    String[] parts = row.split(" ");
    return new Screening.Closed(Decision.valueOf(parts[0]), Long.parseLong(parts[1]));
  }
}
