package io.lazaret.llm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.lazaret.llm.files.Role;
import io.lazaret.llm.files.WeightLayout;
import io.lazaret.llm.script.ScriptModule.Mode;
import io.lazaret.problem.ProblemException;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.function.Function;

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
 * them before the model.
 */
public final class Lora implements AutoCloseable {

  /**
   * Shape of the adapters; there is no dropout.
   *
   * @param rank r, at least 1
   * @param alpha numerator of the scale
   * @param rankStabilised whether the scale divides by sqrt(r) instead of r
   * @param targets last part of the names of the adapted modules, as {@code q_proj} for {@code
   *     model.layers.0.self_attn.q_proj.weight}; or their whole names without {@code .weight}
   */
  public record Settings(int rank, double alpha, boolean rankStabilised, List<String> targets) {

    public Settings {
      targets = List.copyOf(targets);
      if (rank < 1 || !Double.isFinite(alpha) || targets.isEmpty()) {
        throw new IllegalArgumentException(
            "rank " + rank + ", alpha " + alpha + ", targets " + targets);
      }
    }

    /** Factor of B A x. */
    public double scale() {
      return alpha / (rankStabilised ? Math.sqrt(rank) : rank);
    }

    private boolean covers(String module) {
      return targets.stream().anyMatch(t -> module.equals(t) || module.endsWith("." + t));
    }
  }

  /**
   * Values of one adapter, for files and tests.
   *
   * @param module name of the adapted module: the weight's name without {@code .weight}
   * @param a A [r, in], row-major
   * @param b B [out, r], row-major
   */
  public record Values(String module, int rank, double scale, float[] a, float[] b) {}

  private static final String WEIGHT = ".weight";

  /** A weight that is multiplied, and the widths of its module, however it is stored. */
  private record Matrix(String weight, long out, long in) {}

  /** A, B and scale beside one weight. */
  record Adapter(String module, Parameter down, Parameter up, NDArray scale) {
    NDArray a() {
      return down.array();
    }

    NDArray b() {
      return up.array();
    }
  }

  private final Decoder decoder;
  private final NDManager manager;
  private final Map<String, Matrix> matrices;
  private final Map<String, Adapter> adapters = new LinkedHashMap<>();

  private Lora(CausalLm lm) {
    this.decoder = lm.decoder();
    this.matrices = matrices(decoder);
    this.manager = TorchRuntime.newManager();
  }

  /**
   * Puts new adapters beside all weights that the settings name: A uniform in ±1/sqrt(in), B zero,
   * so that nothing changes at first.
   *
   * @param seed same seed, same values
   * @throws ProblemException {@code LORA_TARGET_UNKNOWN} when a target names no weight matrix
   */
  public static Lora attach(CausalLm lm, Settings settings, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Lora lora = new Lora(lm);
    try {
      for (String module : lora.covered(settings)) {
        Matrix matrix = lora.matrices.get(module);
        double bound = 1 / Math.sqrt(matrix.in());
        float[] a = new float[Math.toIntExact(settings.rank() * matrix.in())];
        for (int i = 0; i < a.length; i++) {
          a[i] = (float) (bound * (2 * random.nextDouble() - 1));
        }
        float[] b = new float[Math.toIntExact(matrix.out() * settings.rank())];
        lora.add(new Values(module, settings.rank(), settings.scale(), a, b));
      }
      lora.decoder.trainables().attach(lora);
      return lora;
    } catch (RuntimeException | Error e) {
      lora.manager.close();
      throw e;
    }
  }

  /**
   * Puts adapters with given values beside weights.
   *
   * @throws ProblemException {@code LORA_MISMATCH} when one does not fit the model
   */
  public static Lora attach(CausalLm lm, List<Values> values) {
    Lora lora = new Lora(lm);
    try {
      values.forEach(lora::add);
      lora.decoder.trainables().attach(lora);
      return lora;
    } catch (RuntimeException | Error e) {
      lora.manager.close();
      throw e;
    }
  }

  private List<String> covered(Settings settings) {
    for (String target : settings.targets()) {
      Settings alone = new Settings(1, 1, false, List.of(target));
      if (matrices.keySet().stream().noneMatch(alone::covers)) {
        TreeSet<String> known = new TreeSet<>();
        matrices.keySet().forEach(m -> known.add(m.substring(m.lastIndexOf('.') + 1)));
        throw ProblemException.of(
            "LORA_TARGET_UNKNOWN",
            "The adapter target '" + target + "' names no weight matrix of the model.",
            "Use some of " + String.join(", ", known) + ".");
      }
    }
    return matrices.keySet().stream().filter(settings::covers).toList();
  }

  /**
   * The weights that are multiplied, by module; embeddings are looked up, adapters beside them
   * would do nothing.
   */
  private static Map<String, Matrix> matrices(Decoder decoder) {
    Map<String, Matrix> matrices = new LinkedHashMap<>();
    for (WeightLayout.Weight weight : WeightLayout.of(decoder.config())) {
      boolean lookedUp = weight.role() == Role.EMBEDDING || weight.role() == Role.POSITIONS;
      if (weight.shape().length == 2 && weight.name().endsWith(WEIGHT) && !lookedUp) {
        boolean transposed = decoder.config().transposed() && weight.role() != Role.HEAD;
        String module = weight.name().substring(0, weight.name().length() - WEIGHT.length());
        long first = weight.shape()[0];
        long second = weight.shape()[1];
        matrices.put(
            module,
            transposed
                ? new Matrix(weight.name(), second, first)
                : new Matrix(weight.name(), first, second));
      }
    }
    return matrices;
  }

  private void add(Values values) {
    Matrix matrix = matrices.get(values.module());
    if (matrix == null) {
      throw mismatch(values, "the model has no such weight matrix");
    }
    long out = matrix.out();
    long in = matrix.in();
    if (values.a().length != values.rank() * in || values.b().length != values.rank() * out) {
      throw mismatch(
          values,
          "A has %d and B %d values, but a weight of [%d, %d] needs %d and %d"
              .formatted(
                  values.a().length,
                  values.b().length,
                  out,
                  in,
                  values.rank() * in,
                  values.rank() * out));
    }
    Adapter adapter =
        new Adapter(
            values.module(),
            parameter(values.module() + ".lora_A.weight", values.a(), values.rank(), in),
            parameter(values.module() + ".lora_B.weight", values.b(), out, values.rank()),
            manager.create((float) values.scale()));
    if (adapters.put(matrix.weight(), adapter) != null) {
      throw mismatch(values, "it is there twice");
    }
  }

  private static ProblemException mismatch(Values values, String finding) {
    return ProblemException.of(
        "LORA_MISMATCH",
        "The adapter of '"
            + values.module()
            + "' with rank "
            + values.rank()
            + " does not fit: "
            + finding
            + ".",
        "Use an adapter that was trained on this model.");
  }

  private Parameter parameter(String name, float[] values, long... shape) {
    NDArray array = manager.create(new Shape(shape), DataType.FLOAT32);
    Parameter parameter = new Parameter(name, array);
    parameter.set(FloatBuffer.wrap(values));
    array.setRequiresGradient(true);
    return parameter;
  }

  /** A and B of every adapter, in the order of the model's weights. */
  public List<Parameter> parameters() {
    List<Parameter> all = new ArrayList<>();
    for (Parameter weight : decoder.parameters()) {
      Adapter adapter = adapters.get(weight.name());
      if (adapter != null) {
        all.add(adapter.down());
        all.add(adapter.up());
      }
    }
    return all;
  }

  /** Copies of the values, in the order of the model's weights. */
  public List<Values> values() {
    List<Values> all = new ArrayList<>();
    for (Parameter weight : decoder.parameters()) {
      Adapter adapter = adapters.get(weight.name());
      if (adapter != null) {
        int rank = (int) adapter.down().shape()[0];
        double scale = adapter.scale().getFloat();
        all.add(
            new Values(
                adapter.module(), rank, scale, adapter.down().values(), adapter.up().values()));
      }
    }
    return all;
  }

  /**
   * For every weight of the decoder its adapter's array, or an empty one of {@code owner}'s. Arrays
   * of two lists of one call must differ, hence a new empty one for each.
   */
  List<NDArray> slots(NDManager owner, Function<Adapter, NDArray> part) {
    NDArray empty = owner.create(new Shape(0, 0), DataType.FLOAT32);
    return decoder.parameters().stream()
        .map(p -> adapters.containsKey(p.name()) ? part.apply(adapters.get(p.name())) : empty)
        .toList();
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
    decoder.trainables().attach(this);
    fold(-1);
  }

  private void fold(float sign) {
    try (NDManager scope = decoder.scope()) {
      decoder.call("fold_adapters", Mode.UPDATE, scope.create(sign));
    }
  }

  private void requireAttached() {
    if (!decoder.trainables().has(this)) {
      throw new IllegalStateException("the adapters are not attached");
    }
  }

  /** Takes the adapters out of the model; its weights are as they were without them. */
  public void detach() {
    decoder.trainables().detach(this);
  }

  /** Attaches the adapters again after {@link #detach}. */
  public void attach() {
    decoder.trainables().attach(this);
  }

  /** Detaches the adapters and frees them. */
  @Override
  public void close() {
    detach();
    manager.close();
  }
}
