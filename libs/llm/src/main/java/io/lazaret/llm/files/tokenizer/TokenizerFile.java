package io.lazaret.llm.files.tokenizer;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.lazaret.llm.files.bounded.JsonFile;
import io.lazaret.problem.ProblemException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.BitSet;
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
  private static final int MAX_ENTRIES = 1 << 20;
  private static final int MAX_MERGES = 1 << 21;
  private static final int MAX_ADDED = 1 << 16;
  private static final int MAX_TOKEN_CHARS = 4_096;

  private final Map<String, Integer> added = new HashMap<>();
  private final Set<Integer> special = new HashSet<>();
  private final BitSet taken = new BitSet();
  private final TokenizerComponents components = new TokenizerComponents();
  private int maxId = -1;
  private int entries;

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
    try (JsonParser parser = new StrictJson(JsonFile.parser(json))) {
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
        case "added_tokens" -> readAdded(parser);
        case "model" -> readModel(parser);
        default -> components.read(parser);
      }
    }
    components.ids().forEach(this::checkedId);
    if (parser.nextToken() != null) {
      throw invalid("text follows the JSON object");
    }
  }

  private void readAdded(JsonParser parser) throws IOException {
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      parser.skipChildren();
      return;
    }
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (parser.currentToken() != JsonToken.START_OBJECT) {
        throw invalid("an entry of added_tokens is no object");
      }
      readAddedToken(parser);
      if (added.size() > MAX_ADDED) {
        throw invalid("it has more than " + MAX_ADDED + " added tokens");
      }
    }
  }

  private void readAddedToken(JsonParser parser) throws IOException {
    String content = null;
    long id = -1;
    boolean isSpecial = false;
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String key = parser.currentName();
      JsonToken value = parser.nextToken();
      if (key.equals("content") && value == JsonToken.VALUE_STRING) {
        content = parser.getText();
      } else if (key.equals("id") && value == JsonToken.VALUE_NUMBER_INT) {
        id = parser.getLongValue();
      } else {
        isSpecial |= key.equals("special") && value == JsonToken.VALUE_TRUE;
        parser.skipChildren();
      }
    }
    if (content == null || content.isEmpty() || content.length() > MAX_TOKEN_CHARS) {
      throw invalid(
          "an entry of added_tokens lacks content of 1 to " + MAX_TOKEN_CHARS + " characters");
    }
    if (added.put(content, checkedId(id)) != null) {
      throw invalid("the added token '" + JsonFile.shown(content) + "' appears twice");
    }
    if (isSpecial) {
      special.add((int) id);
    }
  }

  private void readModel(JsonParser parser) throws IOException {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      throw invalid("its model is no object");
    }
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String key = parser.currentName();
      JsonToken value = parser.nextToken();
      if (key.equals("vocab") && value == JsonToken.START_OBJECT) {
        readIds(parser);
      } else if (key.equals("vocab") && value == JsonToken.START_ARRAY) {
        countPieces(parser);
      } else if (key.equals("merges") && value == JsonToken.START_ARRAY) {
        countMerges(parser);
      } else {
        parser.skipChildren();
      }
    }
  }

  private void readIds(JsonParser parser) throws IOException {
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String token = parser.currentName();
      if (parser.nextToken() != JsonToken.VALUE_NUMBER_INT) {
        throw invalid("the vocabulary gives something else than a number as an id");
      }
      int id = checkedId(parser.getLongValue());
      if (taken.get(id)) {
        throw invalid(
            "the id " + id + " of '" + JsonFile.shown(token) + "' is another token's too");
      }
      taken.set(id);
      countEntry();
    }
  }

  private void countPieces(JsonParser parser) throws IOException {
    long pieces = 0;
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      parser.skipChildren();
      checkedId(pieces++);
      countEntry();
    }
  }

  private void countMerges(JsonParser parser) throws IOException {
    int merges = 0;
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      parser.skipChildren();
      if (++merges > MAX_MERGES) {
        throw invalid("it has more than " + MAX_MERGES + " merges");
      }
    }
  }

  private void countEntry() {
    if (++entries > MAX_ENTRIES) {
      throw invalid("its vocabulary has more than " + MAX_ENTRIES + " entries");
    }
  }

  private int checkedId(long id) {
    if (id < 0 || id > MAX_ID) {
      throw invalid("the id " + id + " is not between 0 and " + MAX_ID);
    }
    maxId = Math.max(maxId, (int) id);
    return (int) id;
  }

  public static ProblemException invalid(String finding) {
    return ProblemException.of(
        "TOKENIZER_INVALID", NAME + ": " + finding + ".", "Restore the file from its source.");
  }
}
