package io.lazaret.llm.files;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lazaret.llm.files.bounded.JsonFile;
import io.lazaret.llm.files.safetensors.SafetensorsWriter;
import io.lazaret.llm.files.safetensors.StoredTensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes the weights of a model directory as {@code transformers} names them: one {@code
 * model.safetensors}, or {@code model-00001-of-0000N.safetensors} and their index.
 */
public final class ShardWriter {

  /** Largest shard unless a caller says otherwise, in bytes: 5 GB as {@code transformers} 4. */
  public static final long SHARD_BYTES = 5_000_000_000L;

  private static final Map<String, String> METADATA = Map.of("format", "pt");

  private ShardWriter() {}

  /**
   * Writes all tensors in the given order; a tensor is never split, so one that is larger than a
   * shard has a shard of its own.
   *
   * @param dir an existing directory without weights
   * @param shardBytes largest sum of tensor sizes of a shard; headers come on top
   */
  public static void write(Path dir, List<StoredTensor> tensors, long shardBytes)
      throws IOException {
    List<List<StoredTensor>> shards = split(tensors, shardBytes);
    if (shards.size() == 1) {
      SafetensorsWriter.write(dir.resolve(ModelDirectory.WEIGHTS), shards.get(0), METADATA);
      return;
    }
    Map<String, String> places = new TreeMap<>();
    for (int i = 0; i < shards.size(); i++) {
      String name =
          String.format(Locale.ROOT, "model-%05d-of-%05d.safetensors", i + 1, shards.size());
      SafetensorsWriter.write(dir.resolve(name), shards.get(i), METADATA);
      shards.get(i).forEach(tensor -> places.put(tensor.name(), name));
    }
    ObjectNode index = JsonNodeFactory.instance.objectNode();
    index
        .putObject("metadata")
        .put("total_size", tensors.stream().mapToLong(StoredTensor::bytes).sum());
    places.forEach(index.putObject("weight_map")::put);
    Files.write(
        dir.resolve(ShardIndex.NAME),
        JsonFile.mapper().writerWithDefaultPrettyPrinter().writeValueAsBytes(index));
  }

  private static List<List<StoredTensor>> split(List<StoredTensor> tensors, long shardBytes) {
    if (shardBytes < 1) {
      throw new IllegalArgumentException("a shard of " + shardBytes + " bytes");
    }
    List<List<StoredTensor>> shards = new ArrayList<>();
    shards.add(new ArrayList<>());
    long filled = 0;
    for (StoredTensor tensor : tensors) {
      List<StoredTensor> last = shards.get(shards.size() - 1);
      if (!last.isEmpty() && tensor.bytes() > shardBytes - filled) {
        last = new ArrayList<>();
        shards.add(last);
        filled = 0;
      }
      last.add(tensor);
      filled += tensor.bytes();
    }
    return shards;
  }
}
