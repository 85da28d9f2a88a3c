package io.lazaret.llm.files;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lazaret.problem.ProblemException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads untrusted JSON files under limits: size, nesting, name, string and number length. */
final class JsonFile {

  private static final int MAX_DEPTH = 64;
  private static final int MAX_NAME = 4_096;
  private static final int MAX_STRING = 1 << 20;
  private static final int MAX_NUMBER = 64;

  /** Duplicate keys are refused: readers that disagree on which one counts can be played off. */
  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(MAX_DEPTH)
                          .maxNameLength(MAX_NAME)
                          .maxStringLength(MAX_STRING)
                          .maxNumberLength(MAX_NUMBER)
                          .build())
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private JsonFile() {}

  /** Mapper with the limits of this class, for streaming readers. */
  static JsonMapper mapper() {
    return MAPPER;
  }

  /**
   * Reads a file that holds one JSON object.
   *
   * @param file the file
   * @param maxBytes largest size that is read at all
   * @param code problem code when it is missing, too large or malformed
   */
  static ObjectNode readObject(Path file, long maxBytes, String code) {
    String name = String.valueOf(file.getFileName());
    try {
      long size = Files.size(file);
      if (size > maxBytes) {
        throw ProblemException.of(
            code,
            name + " has " + size + " bytes; the limit is " + maxBytes + ".",
            "Check that the file is the one that belongs to the model.");
      }
      try (InputStream in = Files.newInputStream(file)) {
        JsonNode tree = MAPPER.readTree(in);
        if (tree instanceof ObjectNode object) {
          return object;
        }
      }
      throw ProblemException.of(
          code, name + " does not hold a JSON object.", "Restore the file from its source.");
    } catch (JsonProcessingException e) {
      throw ProblemException.of(
          code, name + " is not valid JSON: " + place(e), "Restore the file from its source.");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What the parser found and where, without the excerpt of the hostile input. */
  static String place(JsonProcessingException e) {
    String where =
        e.getLocation() == null
            ? ""
            : " (line "
                + e.getLocation().getLineNr()
                + ", column "
                + e.getLocation().getColumnNr()
                + ")";
    String what = e.getOriginalMessage();
    return (what.length() > 200 ? what.substring(0, 200) + "…" : what) + where;
  }
}
