package io.lazaret.llm.adapter;

import io.lazaret.llm.WeightType;
import io.lazaret.llm.files.ModelDirectory;
import io.lazaret.llm.files.NewDirectory;
import io.lazaret.llm.files.ShardWriter;
import io.lazaret.llm.files.TextFiles;
import io.lazaret.llm.files.WeightFiles;
import io.lazaret.llm.files.bounded.BoundedFile;
import io.lazaret.llm.files.config.ConfigFile;
import io.lazaret.llm.files.safetensors.StoredTensor;
import io.lazaret.llm.files.safetensors.TensorEntry;
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
    Map<String, BaseMatrix> matrices = BaseMatrix.of(ModelDirectory.inspect(base).config());
    try (AdapterDirectory lora = AdapterDirectory.open(adapter);
        WeightFiles weights = WeightFiles.open(base)) {
      lora.requireBase(matrices);
      Map<String, String> adapted = new HashMap<>();
      lora.weights().forEach(weight -> adapted.put(matrices.get(weight).stored(), weight));
      NewDirectory.write(
          out,
          made -> {
            copyFiles(base, made);
            List<StoredTensor> tensors = new ArrayList<>();
            for (TensorEntry entry : weights.tensors().values()) {
              String weight = adapted.get(entry.name());
              tensors.add(
                  weight == null
                      ? weights.stored(entry.name())
                      : merged(entry, matrices.get(weight).transposed(), weight, lora, weights));
            }
            ShardWriter.write(made, tensors, shardBytes);
          });
      return lora.weights().size();
    }
  }

  private static void copyFiles(Path base, Path dir) throws IOException {
    for (Map.Entry<String, byte[]> file : TextFiles.readAll(base).entrySet()) {
      Files.write(dir.resolve(file.getKey()), file.getValue());
    }
    Files.write(
        dir.resolve(ConfigFile.NAME),
        BoundedFile.read(base.resolve(ConfigFile.NAME), ConfigFile.MAX_BYTES));
  }

  private static StoredTensor merged(
      TensorEntry entry,
      boolean transposed,
      String weight,
      AdapterDirectory lora,
      WeightFiles weights) {
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
          Product delta = Product.of(lora.factors(weight), transposed);
          float scale = (float) lora.config().scale();
          StoredTensor.of(
                  entry.name(),
                  shape,
                  type,
                  (first, part) -> {
                    int from = part.position();
                    weights.read(entry.name(), first, part);
                    part.position(from);
                    add(delta, scale, first, part);
                    part.position(from);
                    requireWithin(entry.name(), limit, part);
                  })
              .content()
              .writeTo(out);
        });
  }

  /**
   * A matrix [rows, columns] as the product of two thin ones.
   *
   * @param left [rows, rank]
   * @param right [rank, columns]
   */
  private record Product(Strided left, Strided right, int rank, int columns) {

    /** B A, or its transpose. */
    static Product of(LoraAdapter.Factors f, boolean transposed) {
      int rank = f.rank();
      return transposed
          ? new Product(
              new Strided(f.a(), 1, f.inputs()), new Strided(f.b(), 1, rank), rank, f.outputs())
          : new Product(
              new Strided(f.b(), rank, 1), new Strided(f.a(), f.inputs(), 1), rank, f.inputs());
    }

    /** Part of a row. */
    void row(int row, int column, int count, float[] sums) {
      Arrays.fill(sums, 0, count, 0);
      for (int r = 0; r < rank; r++) {
        float factor = left.at(row, r);
        for (int i = 0; i < count; i++) {
          sums[i] += factor * right.at(r, column + i);
        }
      }
    }
  }

  /** A matrix whose neighbours of a row and of a column are this far apart. */
  private record Strided(float[] values, int rowStep, int columnStep) {
    float at(int row, int column) {
      return values[row * rowStep + column * columnStep];
    }
  }

  /** Adds scale * delta to the elements from {@code first} on. */
  private static void add(Product delta, float scale, long first, FloatBuffer elements) {
    float[] sums = new float[delta.columns()];
    long at = first;
    while (elements.hasRemaining()) {
      int row = (int) (at / delta.columns());
      int column = (int) (at % delta.columns());
      int count = Math.min(delta.columns() - column, elements.remaining());
      delta.row(row, column, count, sums);
      for (int i = 0; i < count; i++) {
        elements.put(elements.get(elements.position()) + scale * sums[i]);
      }
      at += count;
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
