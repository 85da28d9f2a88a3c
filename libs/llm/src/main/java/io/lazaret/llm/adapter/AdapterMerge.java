package io.lazaret.llm.adapter;

import io.lazaret.llm.WeightType;
import io.lazaret.llm.files.BoundedFile;
import io.lazaret.llm.files.ConfigFile;
import io.lazaret.llm.files.ModelDirectory;
import io.lazaret.llm.files.NewDirectory;
import io.lazaret.llm.files.ShardWriter;
import io.lazaret.llm.files.StoredTensor;
import io.lazaret.llm.files.TensorEntry;
import io.lazaret.llm.files.TextFiles;
import io.lazaret.llm.files.WeightFiles;
import io.lazaret.problem.ProblemException;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Merges a LoRA adapter into its base, file to file: W + scale * B A, computed in 32-bit floats and
 * rounded once to the type that W is stored in. One tensor is in memory at a time; weights that the
 * adapter does not name keep their bytes.
 */
public final class AdapterMerge {

  private static final double LARGEST_FP16 = 65_504;

  private AdapterMerge() {}

  /**
   * Writes the merged model; the directory appears complete or not at all.
   *
   * @param base a model directory; its tokenizer and other text files are taken over
   * @param adapter an adapter directory
   * @param out must not exist yet, or be empty
   * @param shardBytes largest weight file
   * @return number of weights that were changed
   * @throws ProblemException what {@link ModelDirectory#inspect} and {@link AdapterDirectory#open}
   *     refuse; {@code ADAPTER_BASE_MISMATCH}, {@code ADAPTER_INVALID}, {@code OUTPUT_EXISTS},
   *     {@code WRITE_FAILED}
   */
  public static int merge(Path base, Path adapter, Path out, long shardBytes) {
    ModelDirectory.inspect(base);
    try (AdapterDirectory lora = AdapterDirectory.open(adapter);
        WeightFiles weights = WeightFiles.open(base)) {
      Map<String, List<Long>> shapes = new HashMap<>();
      weights.tensors().values().forEach(entry -> shapes.put(entry.name(), entry.shape()));
      lora.requireBase(shapes);
      NewDirectory.write(out, made -> write(made, base, lora, weights, shardBytes));
      return lora.weights().size();
    }
  }

  private static void write(
      Path dir, Path base, AdapterDirectory lora, WeightFiles weights, long shardBytes)
      throws IOException {
    for (Map.Entry<String, byte[]> file : TextFiles.readAll(base).entrySet()) {
      Files.write(dir.resolve(file.getKey()), file.getValue());
    }
    Files.write(
        dir.resolve(ConfigFile.NAME),
        BoundedFile.read(base.resolve(ConfigFile.NAME), ConfigFile.MAX_BYTES));
    List<StoredTensor> tensors = new ArrayList<>();
    for (TensorEntry entry : weights.tensors().values()) {
      tensors.add(
          lora.weights().contains(entry.name())
              ? merged(entry, lora, weights)
              : weights.stored(entry.name()));
    }
    ShardWriter.write(dir, tensors, shardBytes);
  }

  private static StoredTensor merged(
      TensorEntry entry, AdapterDirectory lora, WeightFiles weights) {
    WeightType type = weights.weightType(entry.name());
    double limit = type == WeightType.FP16 ? LARGEST_FP16 : Float.MAX_VALUE;
    long[] shape = entry.shape().stream().mapToLong(Long::longValue).toArray();
    return new StoredTensor(
        entry.name(),
        entry.dtype(),
        entry.shape(),
        entry.end() - entry.begin(),
        out -> {
          // Factors are read when their weight's turn comes, so that only one pair is in memory.
          LoraAdapter.Factors factors = lora.factors(entry.name());
          float scale = (float) lora.config().scale();
          StoredTensor.of(
                  entry.name(),
                  shape,
                  type,
                  (first, part) -> {
                    int from = part.position();
                    weights.read(entry.name(), first, part);
                    part.position(from);
                    add(factors, scale, first, part);
                    part.position(from);
                    requireWithin(entry.name(), limit, part);
                  })
              .content()
              .writeTo(out);
        });
  }

  /** Adds scale * B A to the elements from {@code first} on. */
  private static void add(
      LoraAdapter.Factors factors, float scale, long first, FloatBuffer elements) {
    int inputs = factors.inputs();
    float[] delta = new float[inputs];
    long at = first;
    while (elements.hasRemaining()) {
      int row = (int) (at / inputs);
      int column = (int) (at % inputs);
      int count = Math.min(inputs - column, elements.remaining());
      row(factors, row, column, count, delta);
      for (int i = 0; i < count; i++) {
        elements.put(elements.get(elements.position()) + scale * delta[i]);
      }
      at += count;
    }
  }

  private static void row(
      LoraAdapter.Factors factors, int row, int column, int count, float[] delta) {
    Arrays.fill(delta, 0, count, 0);
    float[] a = factors.a();
    for (int r = 0; r < factors.rank(); r++) {
      float b = factors.b()[row * factors.rank() + r];
      int start = r * factors.inputs() + column;
      for (int i = 0; i < count; i++) {
        delta[i] += b * a[start + i];
      }
    }
  }

  private static void requireWithin(String weight, double limit, FloatBuffer elements) {
    while (elements.hasRemaining()) {
      if (!(Math.abs(elements.get()) <= limit)) {
        throw ProblemException.of(
            "ADAPTER_INVALID",
            "The merged weight '" + weight + "' has values beyond its number format.",
            "Check that adapter and base belong together.");
      }
    }
  }
}
