package io.lazaret.llm.files;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import io.lazaret.problem.ProblemException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * What {@code tokenizer.json} says about ids, read as plain JSON under limits before the native
 * tokenizer sees the file.
 */
public final class TokenizerFile {

  public static final String NAME = "tokenizer.json";

  /** Largest tokenizer.json that is read, in bytes. */
  public static final long MAX_BYTES = 64L << 20;

  private static final int MAX_ID = 1 << 22;

  private final Map<String, Integer> added = new HashMap<>();
  private final Set<Integer> special = new HashSet<>();
  private int maxId = -1;

  private TokenizerFile() {}

  /**
   * The tokenizer among the text files of a directory.
   *
   * @param texts content by file name
   * @param dir the directory, for messages
   * @throws ProblemException {@code TOKENIZER_MISSING} or {@code TOKENIZER_INVALID}
   */
  public static TokenizerFile of(Map<String, byte[]> texts, Path dir) {
    byte[] json = texts.get(NAME);
    if (json == null) {
      throw ProblemException.of(
          "TOKENIZER_MISSING",
          "There is no " + NAME + " in " + dir + ".",
          "Save the tokenizer in the fast format beside the weights.");
    }
    return parse(json);
  }

  /**
   * Checks the file's content.
   *
   * @throws ProblemException {@code TOKENIZER_INVALID}
   */
  public static TokenizerFile parse(byte[] json) {
    TokenizerFile file = new TokenizerFile();
    try (JsonParser parser = JsonFile.parser(json)) {
      file.readTop(parser);
    } catch (IOException e) {
      throw invalid("it is not valid JSON: " + JsonFile.place(e));
    }
    if (file.maxId < 0) {
      throw invalid("it has no vocabulary");
    }
    return file;
  }

  /** Largest id plus one. */
  public int vocabSize() {
    return maxId + 1;
  }

  /** Ids of the added tokens by their text. */
  public Map<String, Integer> added() {
    return Map.copyOf(added);
  }

  /** Ids of added tokens that are marked as special. */
  public Set<Integer> special() {
    return Set.copyOf(special);
  }

  private void readTop(JsonParser parser) throws IOException {
    if (parser.nextToken() != JsonToken.START_OBJECT) {
      throw invalid("it does not hold a JSON object");
    }
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String key = parser.currentName();
      parser.nextToken();
      switch (key) {
        case "added_tokens" -> readAdded(parser.readValueAsTree());
        case "model" -> readModel(parser);
        default -> parser.skipChildren();
      }
    }
    if (parser.nextToken() != null) {
      throw invalid("text follows the JSON object");
    }
  }

  private void readAdded(JsonNode tokens) {
    for (JsonNode token : tokens) {
      if (!token.path("content").isTextual() || !token.path("id").isIntegralNumber()) {
        throw invalid("an entry of added_tokens lacks content or id");
      }
      int id = checkedId(token.path("id").asLong());
      added.put(token.path("content").textValue(), id);
      if (token.path("special").asBoolean(false)) {
        special.add(id);
      }
    }
  }

  private void readModel(JsonParser parser) throws IOException {
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String key = parser.currentName();
      JsonToken value = parser.nextToken();
      if (key.equals("vocab") && value == JsonToken.START_OBJECT) {
        readIds(parser);
      } else if (key.equals("vocab") && value == JsonToken.START_ARRAY) {
        countPieces(parser);
      } else {
        parser.skipChildren();
      }
    }
  }

  private void readIds(JsonParser parser) throws IOException {
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      if (parser.nextToken() != JsonToken.VALUE_NUMBER_INT) {
        throw invalid("the vocabulary gives something else than a number as an id");
      }
      checkedId(parser.getLongValue());
    }
  }

  private void countPieces(JsonParser parser) throws IOException {
    long pieces = 0;
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      parser.skipChildren();
      checkedId(pieces++);
    }
  }

  private int checkedId(long id) {
    if (id < 0 || id > MAX_ID) {
      throw invalid("the id " + id + " is not between 0 and " + MAX_ID);
    }
    maxId = Math.max(maxId, (int) id);
    return (int) id;
  }

  static ProblemException invalid(String finding) {
    return ProblemException.of(
        "TOKENIZER_INVALID", NAME + ": " + finding + ".", "Restore the file from its source.");
  }
}
