package io.lazaret.llm.decoder;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.lazaret.llm.BatchLimits;
import io.lazaret.llm.ComputeSettings;
import io.lazaret.llm.ModelConfig;
import io.lazaret.llm.SoftPrompt;
import io.lazaret.llm.files.WeightLayout;
import io.lazaret.llm.script.DecoderSource;
import io.lazaret.llm.script.EngineProblems;
import io.lazaret.llm.script.ScriptModule;
import io.lazaret.llm.script.ScriptModule.Mode;
import io.lazaret.llm.tensor.Lanes;
import io.lazaret.llm.tensor.NativeParameter;
import io.lazaret.llm.tensor.NativeRuntime;
import io.lazaret.llm.tensor.TensorMemory;
import io.lazaret.problem.ProblemException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** The weights of a model in native memory, bound to the script that computes with them. */
public final class Decoder implements AutoCloseable {

  /** Most logits of a chunk of the loss unless a chunk is set: 16 MiB, which a cache may hold. */
  private static final long LOSS_LOGITS = 1L << 22;

  private final ModelConfig config;
  private final NDManager manager;
  private final ScriptModule script;
  private final List<NativeParameter> parameters;
  private final NDArray noSoftPrompt;
  private final long weights;
  private final Trainables trainables = new Trainables(this);
  private ComputeSettings compute;

  /** Gives a weight its first values. */
  public interface Initialiser {
    void fill(WeightLayout.Weight weight, NDArray array);
  }

  /** Takes memory for all weights and lets {@code initialiser} fill them. */
  public Decoder(ModelConfig config, Initialiser initialiser) {
    this.config = config;
    this.manager = NativeRuntime.newManager();
    try {
      this.parameters = weights(config, manager, initialiser);
      this.weights = parameters.stream().mapToLong(NativeParameter::size).sum();
      this.noSoftPrompt = manager.create(new Shape(0, config.hiddenSize()), DataType.FLOAT32);
      this.script =
          ScriptModule.load(
              manager, DecoderSource.CLASS, DecoderSource.of(config), DecoderSource.LISTS);
      bind();
      configure(ComputeSettings.standard(), BatchLimits.standard());
    } catch (EngineException e) {
      manager.close();
      throw EngineProblems.of("loading the weights", e);
    } catch (RuntimeException | Error e) {
      manager.close();
      throw e;
    }
  }

  private static List<NativeParameter> weights(
      ModelConfig config, NDManager manager, Initialiser initialiser) {
    List<NativeParameter> parameters = new ArrayList<>();
    for (WeightLayout.Weight weight : WeightLayout.of(config)) {
      NDArray array = manager.create(new Shape(weight.shape()), DataType.FLOAT32);
      initialiser.fill(weight, array);
      parameters.add(new NativeParameter(weight.name(), array));
    }
    return List.copyOf(parameters);
  }

  private void bind() {
    Map<String, List<NDArray>> lists = new LinkedHashMap<>();
    lists.put("w", parameters.stream().map(NativeParameter::array).toList());
    float[] frequencies = config.rope().inverseFrequencies();
    NDArray constants = manager.create(new Shape(frequencies.length), DataType.FLOAT32);
    TensorMemory.forEachSlice(constants, (first, values) -> values.put(frequencies));
    lists.put("c", List.of(constants));
    try (NDManager scope = scope()) {
      script.call("bind", Mode.INFERENCE, List.of(scope.create(0f)), lists);
    }
  }

  /** Architecture and sizes. */
  public ModelConfig config() {
    return config;
  }

  /** The weights in the order of {@link WeightLayout#of}. */
  public List<NativeParameter> parameters() {
    return parameters;
  }

  /** Multiplications with weights that a pass over so many positions takes, about. */
  public double multiplications(long positions) {
    return (double) positions * weights;
  }

  /** A new owner for the arrays of one call. */
  public NDManager scope() {
    return manager.newSubManager();
  }

  /** What is trained. */
  public Trainables trainables() {
    return trainables;
  }

  /** How it computes. */
  public ComputeSettings compute() {
    return compute;
  }

  /** Computes by {@code settings} from now on, the loss in chunks that fit {@code limits}. */
  public void configure(ComputeSettings settings, BatchLimits limits) {
    int fitting = (int) Math.max(1, Math.min(LOSS_LOGITS, limits.logits()) / config.vocabSize());
    long[] plan = {
      settings.precision() == ComputeSettings.Precision.BF16 ? 1 : 0,
      settings.checkpointing() ? 1 : 0,
      settings.lossChunk() == 0 ? fitting : settings.lossChunk()
    };
    try (NDManager scope = scope()) {
      script.call("configure", Mode.INFERENCE, scope.create(plan));
    }
    compute = settings;
  }

  /** Arrays that live as long as the model, for watching leaks. */
  public int managedArrays() {
    return manager.getManagedArrays().size();
  }

  /** Rows of a soft prompt; none, [0, d], for null. */
  public NDArray soft(SoftPrompt soft) {
    return soft == null ? noSoftPrompt : NativeParameter.of(soft.parameter()).array();
  }

  /** Token ids of a padded batch, [rows, length]. */
  public NDArray ids(NDManager scope, Batch batch) {
    return scope.create(batch.ids(), new Shape(batch.rows(), batch.length()));
  }

  /** Calls a method of the script for its first result. */
  public NDArray call(String method, Mode mode, NDArray... arguments) {
    return Lanes.run(work(arguments[0]), () -> script.call(method, mode, arguments).get(0));
  }

  /** Calls a method of the script with arrays and lists of arrays. */
  public List<NDArray> call(
      String method, Mode mode, List<NDArray> arguments, Map<String, List<NDArray>> lists) {
    return Lanes.run(work(arguments.get(0)), () -> script.call(method, mode, arguments, lists));
  }

  /** The first argument of what works on sequences are their ids. */
  private double work(NDArray first) {
    return multiplications(first.getShape().size());
  }

  /**
   * Refuses sequences that cannot be run.
   *
   * @throws ProblemException {@code SEQUENCE_TOO_LONG}
   */
  public void check(List<int[]> sequences, SoftPrompt soft) {
    int limit = config.vocabSize() + (soft == null ? 0 : soft.length());
    for (int i = 0; i < sequences.size(); i++) {
      int[] ids = sequences.get(i);
      if (ids.length == 0) {
        throw new IllegalArgumentException("sequence " + i + " is empty");
      }
      checkLength(ids.length, i);
      for (int id : ids) {
        if (id < 0 || id >= limit) {
          throw new IllegalArgumentException(
              "sequence " + i + " holds the id " + id + ", which is not below " + limit);
        }
      }
    }
  }

  /**
   * @throws ProblemException {@code SEQUENCE_TOO_LONG}
   */
  public void checkLength(int length, int index) {
    if (length > config.contextLength()) {
      throw ProblemException.of(
          "SEQUENCE_TOO_LONG",
          "Sequence "
              + index
              + " has "
              + length
              + " tokens; the model's context holds "
              + config.contextLength()
              + ".",
          "Shorten the text, or generate fewer tokens.");
    }
  }

  /** Zeros to add up in, for each of the passes that may run at once. */
  List<NDArray> sums(NDManager owner, Shape shape) {
    return IntStream.range(0, Lanes.count())
        .mapToObj(side -> owner.zeros(shape, DataType.FLOAT32))
        .toList();
  }

  /** All of them in the first. */
  static NDArray sum(List<NDArray> sums) {
    NDArray first = sums.get(0);
    sums.subList(1, sums.size()).forEach(first::addi);
    return first;
  }

  /** Copies the rows of a [rows, width] array; refuses what is not a number. */
  public static float[][] rows(NDArray array) {
    int width = Math.toIntExact(array.getShape().get(1));
    float[][] rows = new float[Math.toIntExact(array.getShape().get(0))][width];
    TensorMemory.readSlices(
        array,
        (long) width * Math.max(1, TensorMemory.SLICE / width),
        (first, values) -> {
          for (int row = (int) (first / width); values.hasRemaining(); row++) {
            values.get(rows[row]);
            // A log-softmax with one bad logit is bad in every entry.
            requireNumber(rows[row][0]);
          }
        });
    return rows;
  }

  /**
   * @throws ProblemException {@code MODEL_OUTPUT_NOT_FINITE}
   */
  public static double requireNumber(double value) {
    if (Double.isNaN(value)) {
      throw ProblemException.of(
          "MODEL_OUTPUT_NOT_FINITE",
          "The model computed something that is not a number.",
          "The weights are damaged or training diverged; use an earlier checkpoint.");
    }
    return value;
  }

  @Override
  public void close() {
    script.close();
    manager.close();
  }
}
