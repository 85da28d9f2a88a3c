package io.lazaret.lifecycle.history;

import io.lazaret.schemas.Envelope;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecord;

/**
 * The hash chain over the events of one history: every event carries the digest of the {@link
 * CanonicalBytes} of the one before it, the first one that of the history's id.
 *
 * @param status what the links say
 * @param brokenAt place of the first event that does not fit; -1 where all do
 * @param sentence what was found, for a person
 * @param head digest of the last event; of the history's id where there is none
 */
public record Chain(Status status, long brokenAt, String sentence, String head) {

  /** What the links of a history say. */
  public enum Status {
    /** Every event fits to the one before it. */
    CHAINED,
    /** The history begins with events from before there was a chain; what follows fits. */
    PARTLY_CHAINED,
    /** Recorded before there was a chain. */
    UNCHAINED,
    /** Something was changed, left out, added or moved. */
    BROKEN
  }

  private static final String DOMAIN = "lazaret history ";

  /** What the first event of a history carries. */
  public static String genesis(String historyId) {
    return CanonicalBytes.sha256((DOMAIN + historyId).getBytes(StandardCharsets.UTF_8));
  }

  /** What the event after {@code last} carries; {@code last} is null for the first one. */
  public static String after(String historyId, SpecificRecord last) {
    return last == null ? genesis(historyId) : CanonicalBytes.digest(last);
  }

  /** Checks ids, sequence and links of a whole history, which begins at sequence 0. */
  public static Chain verify(String historyId, List<? extends SpecificRecord> events) {
    String expected = genesis(historyId);
    int unchained = 0;
    for (int i = 0; i < events.size(); i++) {
      SpecificRecord event = events.get(i);
      Envelope envelope = envelope(event);
      String what = event.getSchema().getName() + " at place " + i;
      if (!envelope.getScreeningId().equals(historyId)) {
        return broken(i, what + " belongs to history " + envelope.getScreeningId() + ".", expected);
      }
      if (envelope.getSequence() != i) {
        return broken(i, what + " has sequence " + envelope.getSequence() + ".", expected);
      }
      if (envelope.getPredecessor().isEmpty() && unchained == i) {
        unchained++;
      } else if (!envelope.getPredecessor().equals(expected)) {
        return broken(
            i, what + " does not fit to the event before it, or that one was changed.", expected);
      }
      expected = CanonicalBytes.digest(event);
    }
    return whole(events.size(), unchained, expected);
  }

  private static Chain whole(int events, int unchained, String head) {
    if (unchained == 0) {
      return new Chain(Status.CHAINED, -1, "All " + events + " events are chained.", head);
    }
    if (unchained == events) {
      return new Chain(
          Status.UNCHAINED, -1, "The events were recorded before there was a chain.", head);
    }
    return new Chain(
        Status.PARTLY_CHAINED,
        -1,
        "The first %d of %d events were recorded before there was a chain."
            .formatted(unchained, events),
        head);
  }

  private static Chain broken(int place, String sentence, String head) {
    return new Chain(Status.BROKEN, place, sentence, head);
  }

  private static Envelope envelope(SpecificRecord event) {
    Schema.Field field = event.getSchema().getField("envelope");
    if (field == null) {
      throw new IllegalArgumentException(event.getSchema().getName() + " is not an event");
    }
    return (Envelope) event.get(field.pos());
  }
}
