package io.lazaret.llm.files;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.lazaret.llm.files.bounded.BoundedFile;
import io.lazaret.llm.files.bounded.JsonFile;
import io.lazaret.problem.ProblemException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * The index of weights that are split over several files. Only {@code weight_map} counts: {@code
 * metadata.total_size} is informative, differs between writers where weights are tied, and nothing
 * here rests on it.
 */
public final class ShardIndex {

  public static final String NAME = "model.safetensors.index.json";

  /**
   * Bounds of what is read.
   *
   * @param bytes largest index file
   * @param shards largest number of files
   * @param tensors largest number of tensors
   * @param textChars largest sum of the lengths of tensor names
   */
  public record Limits(long bytes, int shards, int tensors, long textChars) {

    /** 32 MiB, 1 000 files, 100 000 tensors, 16 Mi characters. */
    public static Limits standard() {
      return new Limits(32L << 20, 1_000, 100_000, 1 << 24);
    }
  }

  /** A plain name: no separator, no drive, no parent, nothing hidden. */
  private static final Pattern SHARD =
      Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,199}\\.safetensors");

  private final Limits limits;
  private final Map<String, String> places = new LinkedHashMap<>();
  private final Map<String, String> shards = new LinkedHashMap<>();
  private boolean found;
  private long chars;

  private ShardIndex(Limits limits) {
    this.limits = limits;
  }

  /**
   * Reads and checks an index.
   *
   * @throws ProblemException {@code MODEL_INDEX_INVALID}, {@code MODEL_FILE_TOO_LARGE} or {@code
   *     MODEL_FILE_UNREADABLE}
   */
  public static ShardIndex read(Path file, Limits limits) {
    byte[] json = BoundedFile.read(file, limits.bytes());
    ShardIndex index = new ShardIndex(limits);
    try (JsonParser parser = JsonFile.parser(json)) {
      index.readTop(parser);
    } catch (IOException e) {
      throw invalid("it is not valid JSON: " + JsonFile.place(e));
    }
    if (index.places.isEmpty()) {
      throw invalid(index.found ? "its weight_map is empty" : "it has no weight_map");
    }
    return index;
  }

  /** File name of every tensor. */
  public Map<String, String> places() {
    return Collections.unmodifiableMap(places);
  }

  /** Names of the files, sorted. */
  public TreeSet<String> shards() {
    return new TreeSet<>(shards.keySet());
  }

  private void readTop(JsonParser parser) throws IOException {
    if (parser.nextToken() != JsonToken.START_OBJECT) {
      throw invalid("it does not hold a JSON object");
    }
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      boolean map = parser.currentName().equals("weight_map");
      JsonToken value = parser.nextToken();
      if (!map) {
        parser.skipChildren();
      } else if (value == JsonToken.START_OBJECT) {
        found = true;
        readMap(parser);
      } else {
        throw invalid("its weight_map is no object");
      }
    }
    if (parser.nextToken() != null) {
      throw invalid("text follows the JSON object");
    }
  }

  private void readMap(JsonParser parser) throws IOException {
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String tensor = parser.currentName();
      if (parser.nextToken() != JsonToken.VALUE_STRING) {
        throw invalid("the place of tensor '" + JsonFile.shown(tensor) + "' is no file name");
      }
      String shard = parser.getText();
      if (!SHARD.matcher(shard).matches()) {
        throw invalid(
            "tensor '"
                + JsonFile.shown(tensor)
                + "' is said to be in '"
                + JsonFile.shown(shard)
                + "', which is not the plain name of a .safetensors file in this directory");
      }
      chars += tensor.length();
      String known = shards.putIfAbsent(shard, shard);
      places.put(tensor, known == null ? shard : known);
      if (shards.size() > limits.shards()) {
        throw invalid("it names more than " + limits.shards() + " files");
      }
      if (places.size() > limits.tensors()) {
        throw invalid("it names more than " + limits.tensors() + " tensors");
      }
      if (chars > limits.textChars()) {
        throw invalid("its names exceed " + limits.textChars() + " characters");
      }
    }
  }

  static ProblemException invalid(String finding) {
    return ProblemException.of(
        "MODEL_INDEX_INVALID", NAME + ": " + finding + ".", "Restore the file from its source.");
  }
}
