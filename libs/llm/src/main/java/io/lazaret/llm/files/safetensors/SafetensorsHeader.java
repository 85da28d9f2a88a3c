package io.lazaret.llm.files.safetensors;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import io.lazaret.llm.files.bounded.JsonFile;
import io.lazaret.problem.ProblemException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Parses and checks a safetensors header: the tensors must fill the data section exactly, without
 * holes, overlaps or trailing bytes, and no key may appear twice.
 */
final class SafetensorsHeader {

  /** Bits of one element, for every format that the format's specification names. */
  private static final Map<String, Integer> BITS =
      Map.ofEntries(
          Map.entry("BOOL", 8),
          Map.entry("U8", 8),
          Map.entry("I8", 8),
          Map.entry("F8_E5M2", 8),
          Map.entry("F8_E4M3", 8),
          Map.entry("I16", 16),
          Map.entry("U16", 16),
          Map.entry("F16", 16),
          Map.entry("BF16", 16),
          Map.entry("I32", 32),
          Map.entry("U32", 32),
          Map.entry("F32", 32),
          Map.entry("F64", 64),
          Map.entry("I64", 64),
          Map.entry("U64", 64));

  private final String file;
  private final SafetensorsFile.Limits limits;
  private final Map<String, TensorEntry> tensors = new LinkedHashMap<>();
  private final Map<String, String> metadata = new LinkedHashMap<>();
  private long chars;

  private SafetensorsHeader(String file, SafetensorsFile.Limits limits) {
    this.file = file;
    this.limits = limits;
  }

  /**
   * @param file name for messages
   * @param json the header's bytes; must support mark and reset
   * @param dataBytes size of the data section
   */
  static SafetensorsHeader parse(
      String file, InputStream json, long dataBytes, SafetensorsFile.Limits limits)
      throws IOException {
    SafetensorsHeader header = new SafetensorsHeader(file, limits);
    json.mark(1);
    if (json.read() != '{') {
      throw header.invalid("the header does not begin with '{'");
    }
    json.reset();
    try (JsonParser parser = JsonFile.parser(json)) {
      header.readTop(parser);
    } catch (JsonProcessingException | CharacterCodingException e) {
      throw header.invalid("the header is not valid JSON: " + JsonFile.place(e));
    }
    header.checkCoverage(dataBytes);
    return header;
  }

  /** Bits of one element of a known format. */
  static int bits(String dtype) {
    return BITS.get(dtype);
  }

  Map<String, TensorEntry> tensors() {
    return tensors;
  }

  Map<String, String> metadata() {
    return metadata;
  }

  private void readTop(JsonParser parser) throws IOException {
    parser.nextToken();
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      count(name);
      expect(parser.nextToken() == JsonToken.START_OBJECT, name, "is not an object");
      if (name.equals("__metadata__")) {
        readMetadata(parser);
      } else {
        tensors.put(name, readTensor(parser, name));
      }
      if (tensors.size() > limits.tensors()) {
        throw invalid("it has more than " + limits.tensors() + " tensors");
      }
    }
    if (parser.nextToken() != null) {
      throw invalid("text follows the header object");
    }
  }

  private void readMetadata(JsonParser parser) throws IOException {
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String key = parser.currentName();
      expect(parser.nextToken() == JsonToken.VALUE_STRING, "__metadata__." + key, "is no string");
      count(key);
      count(parser.getText());
      metadata.put(key, parser.getText());
      if (metadata.size() > limits.tensors()) {
        throw invalid("it has more than " + limits.tensors() + " metadata entries");
      }
    }
  }

  /** A header may be large, but what is kept of it must fit into memory beside everything else. */
  private void count(String kept) {
    chars += kept.length();
    if (chars > limits.textChars()) {
      throw invalid("its names and metadata exceed " + limits.textChars() + " characters");
    }
  }

  private TensorEntry readTensor(JsonParser parser, String name) throws IOException {
    String dtype = null;
    List<Long> shape = null;
    List<Long> offsets = null;
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String key = parser.currentName();
      JsonToken value = parser.nextToken();
      switch (key) {
        case "dtype" -> {
          expect(value == JsonToken.VALUE_STRING, name, "has a dtype that is no string");
          dtype = parser.getText();
        }
        case "shape" -> shape = readNumbers(parser, name, "shape", limits.rank());
        case "data_offsets" -> offsets = readNumbers(parser, name, "data_offsets", 2);
        default ->
            throw invalid(
                "tensor '"
                    + JsonFile.shown(name)
                    + "' has the unknown key '"
                    + JsonFile.shown(key)
                    + "'");
      }
    }
    expect(
        dtype != null && shape != null && offsets != null,
        name,
        "lacks dtype, shape or data_offsets");
    expect(offsets.size() == 2, name, "has data_offsets that are not two numbers");
    TensorEntry entry = new TensorEntry(name, dtype, shape, offsets.get(0), offsets.get(1));
    checkSize(entry);
    return entry;
  }

  private List<Long> readNumbers(JsonParser parser, String name, String key, int max)
      throws IOException {
    expect(
        parser.currentToken() == JsonToken.START_ARRAY, name, "has a " + key + " that is no list");
    List<Long> numbers = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      boolean fits =
          parser.currentToken() == JsonToken.VALUE_NUMBER_INT
              && parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER
              && parser.getLongValue() >= 0;
      expect(fits, name, "has a " + key + " with an entry that is not a whole number from 0 on");
      expect(numbers.size() < max, name, "has a " + key + " of more than " + max + " entries");
      numbers.add(parser.getLongValue());
    }
    return numbers;
  }

  private void checkSize(TensorEntry entry) {
    Integer bits = BITS.get(entry.dtype());
    expect(
        bits != null,
        entry.name(),
        "has the unknown dtype '" + JsonFile.shown(entry.dtype()) + "'");
    expect(entry.begin() <= entry.end(), entry.name(), "ends before it begins");
    long bytes;
    try {
      bytes = Math.multiplyExact(entry.size(), bits / 8);
    } catch (ArithmeticException e) {
      throw invalid("tensor '" + JsonFile.shown(entry.name()) + "' has a size beyond 64 bits");
    }
    expect(
        bytes == entry.end() - entry.begin(),
        entry.name(),
        "needs " + bytes + " bytes by its shape but has " + (entry.end() - entry.begin()));
  }

  private void checkCoverage(long dataBytes) {
    List<TensorEntry> inOrder = new ArrayList<>(tensors.values());
    inOrder.sort(Comparator.comparingLong(TensorEntry::begin).thenComparingLong(TensorEntry::end));
    long covered = 0;
    for (TensorEntry entry : inOrder) {
      expect(entry.begin() >= covered, entry.name(), "overlaps another tensor");
      expect(entry.begin() == covered, entry.name(), "leaves a hole before it");
      covered = entry.end();
    }
    if (covered > dataBytes) {
      throw ProblemException.of(
          "SAFETENSORS_TRUNCATED",
          file
              + " is truncated: its tensors need "
              + covered
              + " bytes but "
              + dataBytes
              + " follow the header.",
          "Download the file again.");
    }
    if (covered < dataBytes) {
      throw invalid(dataBytes - covered + " bytes follow the last tensor");
    }
  }

  private void expect(boolean holds, String tensor, String finding) {
    if (!holds) {
      throw invalid("tensor '" + JsonFile.shown(tensor) + "' " + finding);
    }
  }

  private ProblemException invalid(String finding) {
    return ProblemException.of(
        "SAFETENSORS_INVALID",
        file + " is not a valid safetensors file: " + finding + ".",
        "Get the file again from a source that you trust.");
  }
}
