package io.lazaret.llm.adapter;

import io.lazaret.llm.ModelConfig;
import io.lazaret.llm.files.bounded.BoundedFile;
import io.lazaret.llm.files.bounded.JsonFile;
import io.lazaret.llm.files.safetensors.SafetensorsFile;
import io.lazaret.llm.files.safetensors.TensorEntry;
import io.lazaret.problem.ProblemException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * An untrusted adapter directory in PEFT's layout: {@code adapter_config.json} and {@code
 * adapter_model.safetensors}. The base that the config names is never looked for.
 */
public final class AdapterDirectory implements AutoCloseable {

  static final String WEIGHTS = "adapter_model.safetensors";

  private static final String PREFIX = "base_model.model.";
  private static final String A = ".lora_A.weight";
  private static final String B = ".lora_B.weight";
  private static final String WEIGHT = BaseMatrix.WEIGHT;

  private final LoraConfig config;
  private final SafetensorsFile tensors;
  private final Set<String> weights = new TreeSet<>();

  private AdapterDirectory(LoraConfig config, SafetensorsFile tensors) {
    this.config = config;
    this.tensors = tensors;
  }

  /**
   * Opens an adapter and checks it in itself.
   *
   * @throws ProblemException with a code that begins with {@code ADAPTER_}, {@code SAFETENSORS_} or
   *     {@code MODEL_}
   */
  public static AdapterDirectory open(Path dir) {
    if (!Files.exists(dir.resolve(AdapterConfigFile.NAME))) {
      throw missing(dir, AdapterConfigFile.NAME);
    }
    if (!Files.exists(dir.resolve(WEIGHTS))) {
      if (Files.exists(dir.resolve("adapter_model.bin"))) {
        throw ProblemException.of(
            "MODEL_PICKLE",
            "adapter_model.bin is a pickle: reading it can run any program.",
            "Convert the adapter to safetensors on a machine that you can throw away.");
      }
      throw missing(dir, WEIGHTS);
    }
    LoraConfig config = AdapterConfigFile.read(BoundedFile.inside(dir, AdapterConfigFile.NAME));
    AdapterDirectory adapter =
        new AdapterDirectory(config, SafetensorsFile.open(BoundedFile.inside(dir, WEIGHTS)));
    try {
      adapter.checkTensors();
      return adapter;
    } catch (RuntimeException | Error e) {
      adapter.close();
      throw e;
    }
  }

  /** Reads a whole adapter into memory and checks it against its base. */
  public static LoraAdapter read(Path dir, ModelConfig base) {
    try (AdapterDirectory adapter = open(dir)) {
      adapter.requireBase(BaseMatrix.of(base));
      Map<String, LoraAdapter.Factors> factors = new TreeMap<>();
      adapter.weights.forEach(weight -> factors.put(weight, adapter.factors(weight)));
      return new LoraAdapter(adapter.config, factors);
    }
  }

  private static ProblemException missing(Path dir, String file) {
    return ProblemException.of(
        "ADAPTER_FILE_MISSING",
        "There is no " + file + " in " + dir + ".",
        "Give an adapter directory as PEFT's save_pretrained writes it.");
  }

  /** Rank and scale. */
  public LoraConfig config() {
    return config;
  }

  /** Names of the base model's weights that the adapter changes. */
  public Set<String> weights() {
    return Collections.unmodifiableSet(weights);
  }

  private void checkTensors() {
    for (TensorEntry entry : tensors.tensors().values()) {
      String name = entry.name();
      boolean a = name.endsWith(A);
      if (!name.startsWith(PREFIX) || !a && !name.endsWith(B)) {
        throw invalid(name, "is no LoRA factor of a linear layer");
      }
      String module = name.substring(PREFIX.length(), name.length() - (a ? A : B).length());
      requireTarget(name, module);
      tensors.weightType(entry);
      if (entry.shape().size() != 2) {
        throw invalid(name, "is no matrix");
      }
      long rank = entry.shape().get(a ? 0 : 1);
      if (rank != config.rank()) {
        throw invalid(name, "has rank " + rank + " but the config says " + config.rank());
      }
      if (!tensors.tensors().containsKey(PREFIX + module + (a ? B : A))) {
        throw invalid(name, "has no counterpart " + (a ? "lora_B" : "lora_A"));
      }
      weights.add(module + WEIGHT);
    }
    if (weights.isEmpty()) {
      throw ProblemException.of(
          "ADAPTER_INVALID",
          WEIGHTS + " holds no LoRA factors.",
          "Get the adapter again from its source.");
    }
  }

  private void requireTarget(String tensor, String module) {
    boolean named =
        config.targetModules().isEmpty()
            || config.targetModules().stream()
                .anyMatch(target -> module.equals(target) || module.endsWith("." + target));
    if (!named) {
      throw invalid(tensor, "belongs to none of the config's target_modules");
    }
  }

  /**
   * Checks that every adapted weight is a matrix of the base, of fitting shape.
   *
   * @param matrices matrices of the base, as {@link BaseMatrix#of} gives them
   * @throws ProblemException {@code ADAPTER_BASE_MISMATCH}
   */
  void requireBase(Map<String, BaseMatrix> matrices) {
    for (String weight : weights) {
      BaseMatrix matrix = matrices.get(weight);
      List<Long> own = List.of(factor(weight, B).shape().get(0), factor(weight, A).shape().get(1));
      if (matrix == null || !matrix.shape().equals(own)) {
        throw ProblemException.of(
            "ADAPTER_BASE_MISMATCH",
            "The adapter changes the matrix '"
                + JsonFile.shown(weight)
                + "' of shape "
                + own
                + (matrix == null
                    ? ", which the base does not have."
                    : ", but the base has the shape " + matrix.shape() + "."),
            "Give the base model that the adapter was trained on.");
      }
    }
  }

  /**
   * The factors of a weight.
   *
   * @throws ProblemException {@code ADAPTER_INVALID} when a value is not finite, or when a factor
   *     is too large for one array
   */
  LoraAdapter.Factors factors(String weight) {
    float[] a = values(factor(weight, A));
    float[] b = values(factor(weight, B));
    int rank = config.rank();
    return new LoraAdapter.Factors(rank, a.length / rank, b.length / rank, a, b);
  }

  private TensorEntry factor(String weight, String kind) {
    String module = weight.substring(0, weight.length() - WEIGHT.length());
    return tensors.tensors().get(PREFIX + module + kind);
  }

  private float[] values(TensorEntry entry) {
    if (entry.size() > Integer.MAX_VALUE - 8) {
      throw invalid(entry.name(), "has more than 2^31 values");
    }
    float[] values = new float[(int) entry.size()];
    tensors.read(entry, 0, FloatBuffer.wrap(values));
    for (float value : values) {
      if (!Float.isFinite(value)) {
        throw invalid(entry.name(), "holds infinities or values that are not numbers");
      }
    }
    return values;
  }

  private static ProblemException invalid(String tensor, String finding) {
    return ProblemException.of(
        "ADAPTER_INVALID",
        WEIGHTS + ": tensor '" + JsonFile.shown(tensor) + "' " + finding + ".",
        "Get the adapter again from its source.");
  }

  /** Name of a factor in the file. */
  static String tensorName(String weight, boolean a) {
    return PREFIX + weight.substring(0, weight.length() - WEIGHT.length()) + (a ? A : B);
  }

  @Override
  public void close() {
    tensors.close();
  }
}
