package io.lazaret.backdoor.data;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
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

/** Reads one JSON object per line within limits; every refusal names the file and the line. */
final class JsonLines<T> {

  /** Turns the object of one line into a row; refuses through {@link Line#problem}. */
  interface RowReader<T> {
    T read(JsonLines<T>.Line line);
  }

  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

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
      int number = 0;
      for (byte[] bytes = nextLine(in, 1); bytes != null; bytes = nextLine(in, number + 1)) {
        number++;
        String text = decode(bytes, number);
        if (text.isBlank()) {
          continue;
        }
        if (rows.size() == limits.maxRows()) {
          throw tooLarge("has more than " + limits.maxRows() + " rows");
        }
        rows.add(rowReader.read(parse(text, number)));
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
      return new Line(number, node);
    } catch (JsonProcessingException e) {
      throw malformed(number, "is not valid JSON: " + e.getOriginalMessage());
    }
  }

  private ProblemException malformed(int number, String what) {
    return ProblemException.of(
        "DATA_LINE_MALFORMED",
        file.getFileName() + " line " + number + " " + what + ".",
        "Correct line " + number + "; every line is one JSON object.");
  }

  private ProblemException tooLarge(String what) {
    return ProblemException.of(
        "DATA_FILE_TOO_LARGE", file.getFileName() + " " + what + ".", "Give a smaller file.");
  }

  /** One line of the file as a JSON object. */
  final class Line {
    private final int number;
    private final JsonNode object;

    private Line(int number, JsonNode object) {
      this.number = number;
      this.object = object;
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
      return malformed(number, "key \"" + key + "\" " + what);
    }
  }
}
