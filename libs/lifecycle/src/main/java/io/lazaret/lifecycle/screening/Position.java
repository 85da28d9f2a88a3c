package io.lazaret.lifecycle.screening;

import io.lazaret.lifecycle.history.Chain;
import org.apache.avro.specific.SpecificRecord;

/**
 * Where a history stands.
 *
 * @param next sequence of the next event
 * @param last the last event; null before the first, and where only the end is remembered
 */
public record Position(long next, SpecificRecord last) {

  public static final Position START = new Position(0, null);

  /** The end of a history of which the events are not at hand. */
  public static Position ended(long next) {
    return new Position(next, null);
  }

  Position after(SpecificRecord event) {
    return new Position(next + 1, event);
  }

  /** What the next event has to carry as its predecessor. */
  String link(String historyId) {
    return Chain.after(historyId, last);
  }
}
