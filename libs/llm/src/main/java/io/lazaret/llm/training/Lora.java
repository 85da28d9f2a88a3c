package io.lazaret.llm.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.lazaret.llm.CausalLm;
import io.lazaret.llm.Parameter;
import io.lazaret.llm.WeightType;
import io.lazaret.llm.adapter.AdapterDirectory;
import io.lazaret.llm.adapter.AdapterWriter;
import io.lazaret.llm.adapter.BaseMatrix;
import io.lazaret.llm.adapter.LoraAdapter;
import io.lazaret.llm.adapter.LoraAdapter.Factors;
import io.lazaret.llm.adapter.LoraConfig;
import io.lazaret.llm.decoder.Decoder;
import io.lazaret.llm.decoder.Trainables;
import io.lazaret.llm.script.ScriptModule.Mode;
import io.lazaret.llm.tensor.NativeParameter;
import io.lazaret.llm.tensor.NativeRuntime;
import io.lazaret.problem.ProblemException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Low-rank adapters beside weight matrices W [out, in] (Hu et al., "LoRA: Low-Rank Adaptation of
 * Large Language Models", 2021): a product becomes
 *
 * <pre>y = W x + scale · B (A x)</pre>
 *
 * with A [r, in], B [out, r] and scale = alpha / r, or alpha / sqrt(r) (Kalajdzievski, "A Rank
 * Stabilization Scaling Factor for Fine-Tuning with LoRA", 2023). A sum of W and the adapter is
 * never formed, except by {@link #merge}.
 *
 * <p>While attached, the adapters take part in every pass of the model and are trained by {@link
 * CausalLm#backward}; the weights are not, unless {@link CausalLm#requireGradients} says so. Close
 * them before the model. A copy of the model, and a saved one, has its weights without the
 * adapters.
 */
public final class Lora implements AutoCloseable {

  private static final String WEIGHT = ".weight";

  /** A, B and scale beside one weight. */
  private record Adapter(NativeParameter down, NativeParameter up, NDArray scale) {
    NDArray a() {
      return down.array();
    }

    NDArray b() {
      return up.array();
    }
  }

  private final Decoder decoder;
  private final LoraConfig config;
  private final NDManager manager;

  /** By the weight's name in a whole model. */
  private final Map<String, BaseMatrix> matrices;

  /** By the weight's name in a whole model, in the order of the model's weights. */
  private final Map<String, Adapter> adapters = new LinkedHashMap<>();

  private final Trainables.Adapters beside = new Beside();

  private Lora(CausalLm lm, LoraConfig config) {
    this.decoder = lm.decoder();
    this.config = config;
    this.matrices = BaseMatrix.of(decoder.config());
    this.manager = NativeRuntime.newManager();
  }

  /**
   * Puts new adapters beside all weights that the config's target modules name: A uniform in
   * ±1/sqrt(in), B zero, so that nothing changes at first. There is no dropout.
   *
   * @param seed same seed, same values
   * @throws ProblemException {@code LORA_TARGET_UNKNOWN} when a target names no weight matrix
   */
  public static Lora attach(CausalLm lm, LoraConfig config, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int rank = config.rank();
    return attached(
        new Lora(lm, config),
        lora ->
            lora.covered()
                .forEach(
                    weight -> {
                      BaseMatrix matrix = lora.matrices.get(weight);
                      double bound = 1 / Math.sqrt(matrix.in());
                      float[] a = new float[Math.multiplyExact(rank, matrix.in())];
                      for (int i = 0; i < a.length; i++) {
                        a[i] = (float) (bound * (2 * random.nextDouble() - 1));
                      }
                      float[] b = new float[Math.multiplyExact(rank, matrix.out())];
                      lora.add(weight, new Factors(rank, matrix.in(), matrix.out(), a, b));
                    }));
  }

  /**
   * Puts adapters with given values beside weights.
   *
   * @throws ProblemException {@code LORA_MISMATCH} when one does not fit the model
   */
  public static Lora attach(CausalLm lm, LoraAdapter adapter) {
    return attached(
        new Lora(lm, adapter.config()),
        lora -> {
          adapter.factors().keySet().forEach(lora::requireMatrix);
          for (String weight : lora.matrices.keySet()) {
            Factors factors = adapter.factors().get(weight);
            if (factors != null) {
              lora.add(weight, factors);
            }
          }
        });
  }

  /**
   * Reads an adapter directory in PEFT's layout and attaches it.
   *
   * @throws ProblemException as {@link AdapterDirectory#read}
   */
  public static Lora open(CausalLm lm, Path dir) {
    return attach(lm, AdapterDirectory.read(dir, lm.config()));
  }

  private static Lora attached(Lora lora, Consumer<Lora> fill) {
    try {
      fill.accept(lora);
      lora.attach();
      return lora;
    } catch (RuntimeException | Error e) {
      lora.manager.close();
      throw e;
    }
  }

  private List<String> covered() {
    if (config.targetModules().isEmpty()) {
      throw new IllegalArgumentException("there are no target modules");
    }
    for (String target : config.targetModules()) {
      if (matrices.keySet().stream().noneMatch(weight -> names(target, weight))) {
        TreeSet<String> known = new TreeSet<>();
        matrices.keySet().stream()
            .map(Lora::module)
            .forEach(m -> known.add(m.substring(m.lastIndexOf('.') + 1)));
        throw ProblemException.of(
            "LORA_TARGET_UNKNOWN",
            "The adapter target '" + target + "' names no weight matrix of the model.",
            "Use some of " + String.join(", ", known) + ".");
      }
    }
    return matrices.keySet().stream()
        .filter(weight -> config.targetModules().stream().anyMatch(t -> names(t, weight)))
        .toList();
  }

  private static String module(String weight) {
    return weight.substring(0, weight.length() - WEIGHT.length());
  }

  private static boolean names(String target, String weight) {
    String module = module(weight);
    return module.equals(target) || module.endsWith("." + target);
  }

  private void requireMatrix(String weight) {
    if (!matrices.containsKey(weight)) {
      throw mismatch(weight, "the model has no such weight matrix");
    }
  }

  private void add(String weight, Factors factors) {
    BaseMatrix matrix = matrices.get(weight);
    int rank = config.rank();
    if (factors.rank() != rank
        || factors.inputs() != matrix.in()
        || factors.outputs() != matrix.out()) {
      throw mismatch(
          weight,
          "it has rank %d for [%d, %d], but should have rank %d for [%d, %d]"
              .formatted(
                  factors.rank(),
                  factors.outputs(),
                  factors.inputs(),
                  rank,
                  matrix.out(),
                  matrix.in()));
    }
    String module = module(weight);
    adapters.put(
        weight,
        new Adapter(
            parameter(module + ".lora_A.weight", factors.a(), rank, matrix.in()),
            parameter(module + ".lora_B.weight", factors.b(), matrix.out(), rank),
            manager.create((float) config.scale())));
  }

  private static ProblemException mismatch(String weight, String finding) {
    return ProblemException.of(
        "LORA_MISMATCH",
        "The adapter of '" + weight + "' does not fit: " + finding + ".",
        "Use an adapter that was trained on this model.");
  }

  private NativeParameter parameter(String name, float[] values, long... shape) {
    NDArray array = manager.create(new Shape(shape), DataType.FLOAT32);
    NativeParameter parameter = new NativeParameter(name, array);
    parameter.set(FloatBuffer.wrap(values));
    array.setRequiresGradient(true);
    return parameter;
  }

  /** A and B of every adapter, in the order of the model's weights. */
  public List<Parameter> parameters() {
    return List.copyOf(beside.parameters());
  }

  /** A copy of the adapters' values. */
  public LoraAdapter adapter() {
    Map<String, Factors> factors = new LinkedHashMap<>();
    adapters.forEach(
        (weight, adapter) -> {
          int in = (int) adapter.down().shape()[1];
          int out = (int) adapter.up().shape()[0];
          float[] a = adapter.down().values();
          factors.put(weight, new Factors(config.rank(), in, out, a, adapter.up().values()));
        });
    return new LoraAdapter(config, factors);
  }

  /**
   * Writes an adapter directory in PEFT's layout.
   *
   * @throws ProblemException as {@link AdapterWriter#write}
   */
  public void save(Path dir, WeightType type) {
    AdapterWriter.write(dir, adapter(), type, decoder.config().transposed());
  }

  /**
   * Adds scale · B A to the weights and takes the adapters out of the model, which computes the
   * same as before up to rounding.
   */
  public void merge() {
    requireAttached();
    fold(1);
    detach();
  }

  /**
   * Takes back what {@link #merge} did, up to rounding, and attaches the adapters again.
   *
   * @throws IllegalStateException when adapters are attached
   */
  public void unmerge() {
    decoder.trainables().attach(beside);
    fold(-1);
  }

  private void fold(float sign) {
    try (NDManager scope = decoder.scope()) {
      decoder.call("fold_adapters", Mode.UPDATE, scope.create(sign));
    }
  }

  private void requireAttached() {
    if (!decoder.trainables().has(beside)) {
      throw new IllegalStateException("the adapters are not attached");
    }
  }

  /** Takes the adapters out of the model; its weights are as they were without them. */
  public void detach() {
    decoder.trainables().detach(beside);
  }

  /** Attaches the adapters again after {@link #detach}. */
  public void attach() {
    decoder.trainables().attach(beside);
  }

  /** Detaches the adapters and frees them. */
  @Override
  public void close() {
    detach();
    manager.close();
  }

  /** The adapters as the decoder takes them. */
  private final class Beside implements Trainables.Adapters {

    @Override
    public List<NativeParameter> parameters() {
      return adapters.values().stream().flatMap(a -> Stream.of(a.down(), a.up())).toList();
    }

    @Override
    public Map<String, List<NDArray>> slots(NDManager owner) {
      Map<String, List<NDArray>> lists = new LinkedHashMap<>();
      lists.put("la", slots(owner, Adapter::a));
      lists.put("lb", slots(owner, Adapter::b));
      lists.put("ls", slots(owner, Adapter::scale));
      return lists;
    }

    /** Arrays of two lists of one call must differ, hence a new empty one for each. */
    private List<NDArray> slots(NDManager owner, Function<Adapter, NDArray> part) {
      NDArray empty = owner.create(new Shape(0, 0), DataType.FLOAT32);
      Map<String, Adapter> stored = new HashMap<>();
      adapters.forEach((weight, adapter) -> stored.put(matrices.get(weight).stored(), adapter));
      return decoder.parameters().stream()
          .map(p -> stored.containsKey(p.name()) ? part.apply(stored.get(p.name())) : empty)
          .toList();
    }
  }
}
