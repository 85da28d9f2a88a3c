package io.lazaret.llm.files.bounded;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lazaret.problem.ProblemException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Reads untrusted JSON under limits: nesting, name, string and number length. */
public final class JsonFile {

  private static final int MAX_DEPTH = 64;
  private static final int MAX_NAME = 4_096;
  private static final int MAX_STRING = 1 << 20;
  private static final int MAX_NUMBER = 64;
  private static final int MAX_SHOWN = 120;

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
                  // Hostile names must not collect in a table that outlives the file.
                  .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
                  .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                  .build())
          .build();

  private JsonFile() {}

  /** Mapper with the limits of this class. */
  public static JsonMapper mapper() {
    return MAPPER;
  }

  /**
   * Parses content that must be one JSON object.
   *
   * @param name the file's name, for messages
   * @param code problem code when it is malformed
   */
  public static ObjectNode object(String name, byte[] content, String code) {
    try (JsonParser parser = parser(content)) {
      JsonNode tree = MAPPER.readTree(parser);
      if (tree instanceof ObjectNode object && parser.nextToken() == null) {
        return object;
      }
    } catch (IOException e) {
      throw malformed(name, code, place(e));
    }
    throw malformed(name, code, "it does not hold one JSON object");
  }

  /** A parser that takes UTF-8 only: guessing encodings would let readers disagree. */
  public static JsonParser parser(byte[] content) throws IOException {
    return parser(new ByteArrayInputStream(content));
  }

  /** As {@link #parser(byte[])}, without holding the whole text. */
  public static JsonParser parser(InputStream content) throws IOException {
    return MAPPER.createParser(new InputStreamReader(content, StandardCharsets.UTF_8.newDecoder()));
  }

  private static ProblemException malformed(String name, String code, String finding) {
    return ProblemException.of(
        code, name + " is not valid JSON: " + finding + ".", "Restore the file from its source.");
  }

  /** A text for a message: hostile input is cut after 120 characters. */
  public static String shown(String text) {
    return text.length() > MAX_SHOWN ? text.substring(0, MAX_SHOWN) + "…" : text;
  }

  /** What the parser found and where, without the excerpt of the hostile input. */
  public static String place(IOException e) {
    if (e instanceof CharacterCodingException) {
      return "it is not UTF-8 text";
    }
    if (!(e instanceof JsonProcessingException json)) {
      return String.valueOf(e.getMessage());
    }
    JsonLocation at = json.getLocation();
    String where =
        at == null ? "" : " (line " + at.getLineNr() + ", column " + at.getColumnNr() + ")";
    String what = json.getOriginalMessage();
    return (what.length() > 200 ? what.substring(0, 200) + "…" : what) + where;
  }
}
