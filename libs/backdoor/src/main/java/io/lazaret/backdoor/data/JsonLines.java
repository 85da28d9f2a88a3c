package io.lazaret.backdoor.data;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.lazaret.problem.ProblemException;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads one JSON object per line, or the objects of one JSON array, within limits; every refusal
 * names the file and the line, or the row of the array.
 */
final class JsonLines<T> {

  /**
   * Turns the object of one line into a row, or null where it is to be passed over; refuses through
   * {@link Line#problem}.
   */
  interface RowReader<T> {
    T read(JsonLines<T>.Line line);
  }

  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  /** Strings and nesting of an array's rows have the limits of the parser. */
  private static final JsonFactory ARRAYS =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxStringLength(DataLimits.defaults().maxLineBytes())
                  .maxNestingDepth(16)
                  .build())
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .build()
          .setCodec(new ObjectMapper());

  /** White space that may precede an array. */
  private static final int LOOK_AHEAD = 1024;

  private final Path file;
  private final DataLimits limits;
  private final RowReader<T> rowReader;

  JsonLines(Path file, DataLimits limits, RowReader<T> rowReader) {
    this.file = file;
    this.limits = limits;
    this.rowReader = rowReader;
  }

  /** All rows in file order; blank lines are passed over; a file without rows is refused. */
  List<T> read() {
    refuseUnreadable();
    List<T> rows = new ArrayList<>();
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
      if (startsAnArray(in)) {
        readArray(in, rows);
      } else {
        readLines(in, rows);
      }
    } catch (IOException e) {
      throw ProblemException.of(
          "DATA_FILE_UNREADABLE",
          file + " cannot be read: " + e.getMessage() + ".",
          "Check the file and its permissions.");
    }
    if (rows.isEmpty()) {
      throw ProblemException.of(
          "DATA_FILE_EMPTY", file + " has no rows.", "Give a file with one JSON object per line.");
    }
    return List.copyOf(rows);
  }

  private void readLines(InputStream in, List<T> rows) throws IOException {
    int number = 0;
    for (byte[] bytes = nextLine(in, 1); bytes != null; bytes = nextLine(in, number + 1)) {
      number++;
      String text = decode(bytes, number);
      if (!text.isBlank()) {
        add(rows, parse(text, number));
      }
    }
  }

  /** Looks at the first byte that is no white space and puts all of them back. */
  private static boolean startsAnArray(InputStream in) throws IOException {
    in.mark(LOOK_AHEAD);
    int first = in.read();
    for (int i = 1; i < LOOK_AHEAD && first >= 0 && first <= ' '; i++) {
      first = in.read();
    }
    in.reset();
    return first == '[';
  }

  private void readArray(InputStream in, List<T> rows) throws IOException {
    int number = 1;
    try (JsonParser parser = ARRAYS.createParser(in)) {
      parser.nextToken();
      for (; parser.nextToken() != JsonToken.END_ARRAY; number++) {
        JsonNode node =
            parser.currentToken() == JsonToken.START_OBJECT ? parser.readValueAsTree() : null;
        if (node == null) {
          throw malformed("row", number, "is not a JSON object");
        }
        add(rows, new Line("row", number, node));
      }
    } catch (JsonProcessingException e) {
      throw malformed("row", number, "is not valid JSON: " + e.getOriginalMessage());
    }
  }

  private void add(List<T> rows, Line line) {
    T row = rowReader.read(line);
    if (row == null) {
      return;
    }
    if (rows.size() == limits.maxRows()) {
      throw tooLarge("has more than " + limits.maxRows() + " rows");
    }
    rows.add(row);
  }

  private void refuseUnreadable() {
    if (!Files.isRegularFile(file)) {
      throw ProblemException.of(
          "DATA_FILE_NOT_FOUND", file + " is not a file.", "Check the path of the data file.");
    }
    try {
      if (Files.size(file) > limits.maxFileBytes()) {
        throw tooLarge("is larger than " + limits.maxFileBytes() + " bytes");
      }
    } catch (IOException e) {
      throw ProblemException.of(
          "DATA_FILE_UNREADABLE",
          file + " cannot be read: " + e.getMessage() + ".",
          "Check the file and its permissions.");
    }
  }

  private byte[] nextLine(InputStream in, int number) throws IOException {
    int first = in.read();
    if (first < 0) {
      return null;
    }
    ByteArrayOutputStream line = new ByteArrayOutputStream(256);
    for (int b = first; b >= 0 && b != '\n'; b = in.read()) {
      if (line.size() == limits.maxLineBytes()) {
        throw tooLarge("has more than " + limits.maxLineBytes() + " bytes in line " + number);
      }
      line.write(b);
    }
    return line.toByteArray();
  }

  private String decode(byte[] bytes, int number) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw malformed(number, "is not UTF-8 text");
    }
  }

  private Line parse(String text, int number) {
    try {
      JsonNode node = JSON.readTree(text);
      if (!node.isObject()) {
        throw malformed(number, "is not a JSON object but " + node.getNodeType());
      }
      return new Line("line", number, node);
    } catch (JsonProcessingException e) {
      throw malformed(number, "is not valid JSON: " + e.getOriginalMessage());
    }
  }

  private ProblemException malformed(int number, String what) {
    return malformed("line", number, what);
  }

  private ProblemException malformed(String unit, int number, String what) {
    return ProblemException.of(
        "DATA_LINE_MALFORMED",
        file.getFileName() + " " + unit + " " + number + " " + what + ".",
        "Correct " + unit + " " + number + "; every " + unit + " is one JSON object.");
  }

  private ProblemException tooLarge(String what) {
    return ProblemException.of(
        "DATA_FILE_TOO_LARGE", file.getFileName() + " " + what + ".", "Give a smaller file.");
  }

  /** One line of the file, or one row of its array, as a JSON object. */
  final class Line {
    private final String unit;
    private final int number;
    private final JsonNode object;

    private Line(String unit, int number, JsonNode object) {
      this.unit = unit;
      this.number = number;
      this.object = object;
    }

    /** Whether the file is one array: a data set as it was published, not one made for us. */
    boolean ofArray() {
      return unit.equals("row");
    }

    /** The value of {@code key}, or null where the line has none. */
    JsonNode value(String key) {
      JsonNode value = object.get(key);
      return value == null || value.isNull() ? null : value;
    }

    /** The text of {@code key}; missing, blank or not a string is a problem. */
    String text(String key) {
      String text = optionalText(key);
      if (text.isBlank()) {
        throw problem(key, value(key) == null ? "is missing" : "is blank");
      }
      return text;
    }

    /** The text of {@code key}, or empty where the line has none. */
    String optionalText(String key) {
      JsonNode value = value(key);
      if (value == null) {
        return "";
      }
      if (!value.isTextual()) {
        throw problem(key, "is not a string but " + value.getNodeType());
      }
      return value.textValue();
    }

    ProblemException problem(String key, String what) {
      return malformed(unit, number, "key \"" + key + "\" " + what);
    }
  }
}
