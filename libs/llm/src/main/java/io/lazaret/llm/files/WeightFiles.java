package io.lazaret.llm.files;

import io.lazaret.llm.WeightType;
import io.lazaret.llm.files.bounded.BoundedFile;
import io.lazaret.llm.files.bounded.JsonFile;
import io.lazaret.llm.files.safetensors.SafetensorsFile;
import io.lazaret.llm.files.safetensors.StoredTensor;
import io.lazaret.llm.files.safetensors.TensorEntry;
import io.lazaret.problem.ProblemException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * The weights of an untrusted model directory, in one file or split over the shards of an index.
 *
 * <p>Shards must hold exactly the tensors that the index places in them: nothing missing, nothing
 * unlisted, nothing twice. Files are read by position and never mapped, so one that is cut short
 * meanwhile is a problem and not the end of the process. An instance may be used by one thread at a
 * time.
 */
public final class WeightFiles implements AutoCloseable {

  private final Map<String, SafetensorsFile> files = new LinkedHashMap<>();
  private final Map<String, TensorEntry> tensors = new LinkedHashMap<>();
  private final Map<String, SafetensorsFile> places = new LinkedHashMap<>();

  private WeightFiles() {}

  /** Whether the directory has weights that {@link #open(Path)} would read. */
  static boolean present(Path dir) {
    return Files.exists(dir.resolve(ModelDirectory.WEIGHTS))
        || Files.exists(dir.resolve(ShardIndex.NAME));
  }

  /** Opens and checks the weights under the standard limits. */
  public static WeightFiles open(Path dir) {
    return open(dir, SafetensorsFile.Limits.standard(), ShardIndex.Limits.standard());
  }

  /**
   * Opens and checks the weights. Where both {@code model.safetensors} and an index exist, the
   * single file counts, as in {@code transformers}.
   *
   * @throws ProblemException {@code MODEL_INDEX_INVALID}, {@code MODEL_SHARD_MISSING}, {@code
   *     MODEL_SHARD_MISMATCH}, {@code MODEL_FILE_OUTSIDE} or what {@link SafetensorsFile#open}
   *     refuses
   */
  public static WeightFiles open(
      Path dir, SafetensorsFile.Limits limits, ShardIndex.Limits indexLimits) {
    WeightFiles weights = new WeightFiles();
    try {
      if (Files.exists(dir.resolve(ModelDirectory.WEIGHTS))) {
        weights.add(
            ModelDirectory.WEIGHTS, BoundedFile.inside(dir, ModelDirectory.WEIGHTS), limits, null);
      } else {
        ShardIndex index = ShardIndex.read(BoundedFile.inside(dir, ShardIndex.NAME), indexLimits);
        for (String shard : index.shards()) {
          if (!Files.exists(dir.resolve(shard))) {
            throw ProblemException.of(
                "MODEL_SHARD_MISSING",
                ShardIndex.NAME + " names the file " + shard + ", which is not there.",
                "Get all files of the model.");
          }
          weights.add(shard, BoundedFile.inside(dir, shard), limits, index);
        }
        weights.requireAll(index);
      }
      return weights;
    } catch (RuntimeException | Error e) {
      weights.close();
      throw e;
    }
  }

  private void add(String name, Path path, SafetensorsFile.Limits limits, ShardIndex index) {
    SafetensorsFile file = SafetensorsFile.open(path, limits);
    files.put(name, file);
    for (TensorEntry tensor : file.tensors().values()) {
      if (index != null && !name.equals(index.places().get(tensor.name()))) {
        String place = index.places().get(tensor.name());
        throw mismatch(
            name
                + " holds the tensor '"
                + JsonFile.shown(tensor.name())
                + "', which "
                + ShardIndex.NAME
                + (place == null ? " does not list" : " places in " + place));
      }
      tensors.put(tensor.name(), tensor);
      places.put(tensor.name(), file);
    }
  }

  private void requireAll(ShardIndex index) {
    index
        .places()
        .forEach(
            (tensor, shard) -> {
              if (!tensors.containsKey(tensor)) {
                throw mismatch(
                    ShardIndex.NAME
                        + " places the tensor '"
                        + JsonFile.shown(tensor)
                        + "' in "
                        + shard
                        + ", which does not hold it");
              }
            });
  }

  private static ProblemException mismatch(String finding) {
    return ProblemException.of(
        "MODEL_SHARD_MISMATCH",
        finding + ".",
        "Get all files of the model from one version of it.");
  }

  /** The tensors of all files by name. */
  public Map<String, TensorEntry> tensors() {
    return Collections.unmodifiableMap(tensors);
  }

  /** Names of the files that hold the weights. */
  public SortedSet<String> files() {
    return new TreeSet<>(files.keySet());
  }

  /**
   * The number format of a weight.
   *
   * @throws ProblemException {@code MODEL_WEIGHT_TYPE_UNSUPPORTED}
   */
  public WeightType weightType(String tensor) {
    return file(tensor).weightType(tensors.get(tensor));
  }

  /** As {@link SafetensorsFile#read}. */
  public void read(String tensor, long first, FloatBuffer out) {
    file(tensor).read(tensors.get(tensor), first, out);
  }

  /** A tensor to write that has the very bytes of this one; valid while this is open. */
  public StoredTensor stored(String tensor) {
    TensorEntry entry = tensors.get(tensor);
    SafetensorsFile file = file(tensor);
    return new StoredTensor(
        tensor,
        entry.dtype(),
        entry.shape(),
        entry.end() - entry.begin(),
        out -> file.copy(entry, out));
  }

  private SafetensorsFile file(String tensor) {
    SafetensorsFile file = places.get(tensor);
    if (file == null) {
      throw new IllegalArgumentException("no tensor " + tensor);
    }
    return file;
  }

  @Override
  public void close() {
    List<SafetensorsFile> open = new ArrayList<>(files.values());
    files.clear();
    open.forEach(SafetensorsFile::close);
  }
}
