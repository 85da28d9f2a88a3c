package io.lazaret.orchestration;

import io.lazaret.lifecycle.screening.Position;
import io.lazaret.lifecycle.screening.Screening;
import io.lazaret.schemas.Decision;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Deserializer;
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

  private static final int SEQUENCE_DIGITS = 8;

  private final KeyValueStore<String, byte[]> open;
  private final KeyValueStore<String, String> closed;
  private final Deserializer<SpecificRecord> values;
  private final Recent<Screening> folded = new Recent<>(FOLDED);

  Histories(
      KeyValueStore<String, byte[]> open,
      KeyValueStore<String, String> closed,
      Deserializer<SpecificRecord> values) {
    this.open = open;
    this.closed = closed;
    this.values = values;
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

  /**
   * Looks the rows up one by one: opening an iterator over the store costs more than ten of them.
   */
  private List<SpecificRecord> events(String screeningId) {
    List<SpecificRecord> events = new ArrayList<>();
    byte[] row = open.get(row(screeningId, 0));
    while (row != null) {
      events.add(values.deserialize(OPEN, row));
      row = open.get(row(screeningId, events.size()));
    }
    return events;
  }

  /** Every open screening with its id. */
  void forEachOpen(BiConsumer<String, Screening> action) {
    String id = "";
    List<SpecificRecord> events = new ArrayList<>();
    try (KeyValueIterator<String, byte[]> rows = open.all()) {
      while (rows.hasNext()) {
        var row = rows.next();
        String of = row.key.substring(0, row.key.lastIndexOf('/'));
        if (!of.equals(id) && !events.isEmpty()) {
          action.accept(id, Screening.fold(events));
          events.clear();
        }
        id = of;
        events.add(values.deserialize(OPEN, row.value));
      }
    }
    if (!events.isEmpty()) {
      action.accept(id, Screening.fold(events));
    }
  }

  /**
   * Notes events and the state that they lead to.
   *
   * @param events as they go to the record
   */
  void append(String screeningId, List<byte[]> events, Screening after) {
    long first = after.nextSequence() - events.size();
    if (after instanceof Screening.Closed end) {
      for (long sequence = 0; sequence < first; sequence++) {
        open.delete(row(screeningId, sequence));
      }
      closed.put(screeningId, end.decision() + " " + end.nextSequence());
      folded.remove(screeningId);
      return;
    }
    for (int i = 0; i < events.size(); i++) {
      open.put(row(screeningId, first + i), events.get(i));
    }
    folded.put(screeningId, after);
  }

  /** The digits keep the rows of a screening in their order. */
  private static String row(String screeningId, long sequence) {
    String digits = Long.toString(sequence);
    return screeningId + "/" + "0".repeat(SEQUENCE_DIGITS - digits.length()) + digits;
  }

  private static Screening ended(String row) {
    String[] parts = row.split(" ");
    return new Screening.Closed(
        Decision.valueOf(parts[0]), Position.ended(Long.parseLong(parts[1])));
  }
}
