package io.lazaret.console.view;

import io.lazaret.console.record.StoredRecord;
import io.lazaret.problem.Problem;
import io.lazaret.problem.ProblemException;
import org.apache.avro.specific.SpecificRecord;

/**
 * A stored record as far as it can be read.
 *
 * @param record null when it cannot be read, and for the end of a key
 * @param problem why it cannot be read; null when it can
 */
public record Decoded(StoredRecord stored, SpecificRecord record, Problem problem) {

  /** The problem behind an exception of the deserializer. */
  static Problem problem(RuntimeException error) {
    for (Throwable e = error; e != null; e = e.getCause()) {
      if (e instanceof ProblemException known) {
        return known.problem();
      }
    }
    return Problem.of(
        "RECORD_UNDECODABLE",
        "The record cannot be read: " + error.getClass().getSimpleName() + ".",
        "Look at the writer of the record.");
  }
}
