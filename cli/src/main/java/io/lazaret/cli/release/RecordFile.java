package io.lazaret.cli.release;

import io.lazaret.lifecycle.history.EventJson;
import io.lazaret.problem.Problem;
import io.lazaret.problem.ProblemException;
import io.lazaret.schemas.Envelope;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecord;

/** Recorded events, read from lines of JSON that may come from anybody. */
final class RecordFile {

  private static final long LARGEST_FILE = 1L << 30;

  private RecordFile() {}

  /**
   * @throws ProblemException EVENT_UNREADABLE, EVENT_UNKNOWN, EVENT_FIELD, naming the line
   */
  static List<SpecificRecord> read(Stream<String> lines) {
    List<SpecificRecord> events = new ArrayList<>();
    lines.forEach(line -> events.add(event(line, events.size() + 1)));
    return events;
  }

  /**
   * @throws ProblemException as above, and FILE_UNREADABLE
   */
  static List<SpecificRecord> read(Path file) {
    try {
      if (Files.size(file) > LARGEST_FILE) {
        throw new IOException("it has more than " + LARGEST_FILE + " bytes");
      }
      try (Stream<String> lines = Files.lines(file, StandardCharsets.UTF_8)) {
        return read(lines);
      }
    } catch (IOException | java.io.UncheckedIOException e) {
      throw ProblemException.of(
          "FILE_UNREADABLE",
          file + " cannot be read: " + e.getMessage() + ".",
          "Check the file and its permissions.");
    }
  }

  private static SpecificRecord event(String line, int number) {
    try {
      return EventJson.read(line);
    } catch (ProblemException refused) {
      Problem problem = refused.problem();
      throw ProblemException.of(
          problem.code(), "Line " + number + ": " + problem.sentence(), problem.nextStep());
    }
  }

  /** Events by the history that they belong to, in the order in which the histories begin. */
  static Map<String, List<SpecificRecord>> histories(List<SpecificRecord> record) {
    Map<String, List<SpecificRecord>> histories = new LinkedHashMap<>();
    record.forEach(
        event ->
            histories
                .computeIfAbsent(envelope(event).getScreeningId(), id -> new ArrayList<>())
                .add(event));
    return histories;
  }

  static Envelope envelope(SpecificRecord event) {
    var field = event.getSchema().getField("envelope");
    if (field == null) {
      throw ProblemException.of(
          "EVENT_UNKNOWN",
          event.getSchema().getName() + " is not an event of the record.",
          "Export the record again.");
    }
    return (Envelope) event.get(field.pos());
  }
}
