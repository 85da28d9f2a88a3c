package io.lazaret.llm;

import ai.djl.ndarray.NDArray;
import io.lazaret.llm.decoder.CachedScoring;
import io.lazaret.llm.decoder.CrossEntropy;
import io.lazaret.llm.decoder.Decoder;
import io.lazaret.llm.decoder.Inspection;
import io.lazaret.llm.decoder.Scoring;
import io.lazaret.llm.files.ModelDirectory;
import io.lazaret.llm.files.ModelSummary;
import io.lazaret.llm.files.WeightFiles;
import io.lazaret.llm.files.WeightLayout;
import io.lazaret.llm.files.config.ConfigFile;
import io.lazaret.llm.tensor.NativeParameter;
import io.lazaret.llm.tensor.TensorMemory;
import io.lazaret.problem.ProblemException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/**
 * A causal language model in memory: weights as 32-bit floats, its configuration and tokenizer.
 *
 * <p>Sequences are token ids; ids from the vocabulary size on address rows of the soft prompt that
 * is passed along. Sequences of one call may differ in length: the engine sorts, batches and pads.
 *
 * <p>Threads: different models may be used at the same time. On one model, methods that only read
 * weights may run at the same time; {@link #backward}, {@link #requireGradients}, an optimiser's
 * step, and the use of one {@link PrefixCache} must each be alone.
 */
public final class CausalLm implements AutoCloseable {

  private static final double INITIAL_STD = 0.02;

  private final Decoder decoder;
  private final Tokenizer tokenizer;
  private final WeightType weightType;
  private final Map<String, WeightType> storedTypes;
  private final Map<String, byte[]> files;
  private final BatchLimits limits;

  /** Open models that share the tokenizer; null where it is the caller's to close. */
  private final AtomicInteger tokenizerUsers;

  private final AtomicBoolean closed = new AtomicBoolean();

  private CausalLm(
      Decoder decoder,
      Tokenizer tokenizer,
      AtomicInteger tokenizerUsers,
      WeightType weightType,
      Map<String, WeightType> storedTypes,
      Map<String, byte[]> files,
      BatchLimits limits) {
    this.decoder = decoder;
    this.tokenizer = tokenizer;
    this.tokenizerUsers = tokenizerUsers;
    this.weightType = weightType;
    this.storedTypes = storedTypes;
    this.files = files;
    this.limits = limits;
    decoder.configure(ComputeSettings.standard(), limits);
  }

  /** Opens a model directory under {@link BatchLimits#standard()}. */
  public static CausalLm open(Path dir) {
    return open(dir, BatchLimits.standard());
  }

  /**
   * Checks and opens a model directory.
   *
   * @throws ProblemException whatever {@link ModelDirectory#inspect} refuses
   */
  public static CausalLm open(Path dir, BatchLimits limits) {
    ModelSummary summary = ModelDirectory.inspect(dir);
    Tokenizer tokenizer = Tokenizer.open(dir);
    Map<String, byte[]> files = new LinkedHashMap<>(tokenizer.files());
    files.put(ConfigFile.NAME, ConfigFile.readBytes(dir.resolve(ConfigFile.NAME)));
    Map<String, WeightType> types = new LinkedHashMap<>();
    try (WeightFiles tensors = WeightFiles.open(dir)) {
      Decoder decoder =
          new Decoder(
              summary.config(),
              (weight, array) -> {
                load(tensors, weight, array);
                types.put(weight.name(), tensors.weightType(weight.name()));
              });
      AtomicInteger users = new AtomicInteger(1);
      return new CausalLm(decoder, tokenizer, users, summary.weightType(), types, files, limits);
    } catch (RuntimeException | Error e) {
      tokenizer.close();
      throw e;
    }
  }

  private static void load(WeightFiles tensors, WeightLayout.Weight weight, NDArray array) {
    TensorMemory.forEachSlice(
        array, (first, elements) -> tensors.read(weight.name(), first, elements));
    requireFinite(weight.name(), array);
  }

  private static void requireFinite(String name, NDArray array) {
    // What is not a number is both the least and the greatest element.
    try (NDArray least = array.min();
        NDArray greatest = array.max()) {
      if (!Float.isFinite(least.getFloat()) || !Float.isFinite(greatest.getFloat())) {
        throw ProblemException.of(
            "MODEL_WEIGHTS_NOT_FINITE",
            "The weight '" + name + "' holds infinities or values that are not numbers.",
            "Get the weights again from their source.");
      }
    }
  }

  /**
   * A model with random weights: N(0, 0.02^2) for matrices, ones for norms, zeros for biases.
   *
   * @param config layout and sizes
   * @param tokenizer saved beside the weights later on; stays the caller's to close
   * @param seed same seed, same weights
   * @throws ProblemException {@code MODEL_CONFIG_UNSUPPORTED} where config.json has no keys for the
   *     configuration, so that the model could not be saved
   */
  public static CausalLm initialise(ModelConfig config, Tokenizer tokenizer, long seed) {
    ConfigFile.requireWritable(config);
    SplittableRandom random = new SplittableRandom(seed);
    Decoder decoder = new Decoder(config, (weight, array) -> initialise(weight, array, random));
    return new CausalLm(
        decoder,
        tokenizer,
        null,
        WeightType.FP32,
        Map.of(),
        tokenizer.files(),
        BatchLimits.standard());
  }

  private static void initialise(
      WeightLayout.Weight weight, NDArray array, SplittableRandom random) {
    boolean norm = weight.role().norm();
    boolean bias = weight.role().bias();
    TensorMemory.forEachSlice(
        array,
        (first, elements) -> {
          while (elements.hasRemaining()) {
            double value = norm ? 1 : bias ? 0 : INITIAL_STD * random.nextGaussian();
            elements.put((float) value);
          }
        });
  }

  /** An independent copy of the weights; configuration and tokenizer are shared. */
  public CausalLm copy() {
    Map<String, Parameter> own = new LinkedHashMap<>();
    parameters().forEach(p -> own.put(p.name(), p));
    Decoder twin =
        new Decoder(
            config(),
            (weight, array) ->
                TensorMemory.forEachSlice(
                    array,
                    (first, elements) ->
                        TensorMemory.read(
                            NativeParameter.of(own.get(weight.name())).array(), first, elements)));
    if (tokenizerUsers != null) {
      tokenizerUsers.incrementAndGet();
    }
    return new CausalLm(twin, tokenizer, tokenizerUsers, weightType, storedTypes, files, limits);
  }

  /** Architecture and sizes. */
  public ModelConfig config() {
    return decoder.config();
  }

  /** The tokenizer that belongs to the weights. */
  public Tokenizer tokenizer() {
    return tokenizer;
  }

  /**
   * Number format of the files that the model was read from, FP32 where they mix formats; FP32 for
   * a new model.
   */
  public WeightType weightType() {
    return weightType;
  }

  /** The weights in the engine's order; a tied head appears once, as the embedding. */
  public List<Parameter> parameters() {
    return List.copyOf(decoder.parameters());
  }

  /** Number of trainable values; a tied head counts once. */
  public long parameterCount() {
    return parameters().stream().mapToLong(Parameter::size).sum();
  }

  /** As {@link #save(Path, SaveSettings)}, all weights in one number format. */
  public void save(Path dir, WeightType type) {
    save(dir, SaveSettings.of(type));
  }

  /**
   * Writes a model directory that {@code transformers} loads: config.json, weights and the
   * tokenizer's files. The directory appears complete or not at all.
   *
   * @param dir must not exist yet, or be empty
   * @throws ProblemException {@code OUTPUT_EXISTS} or {@code WRITE_FAILED}
   */
  public void save(Path dir, SaveSettings settings) {
    new CheckpointWriter(config(), parameters(), storedTypes, weightType, files)
        .write(dir, settings);
  }

  /**
   * Log-softmax of the token that follows each sequence.
   *
   * @return [sequences][V], in nats
   * @throws ProblemException {@code SEQUENCE_TOO_LONG}, {@code MODEL_OUTPUT_NOT_FINITE} or {@code
   *     OUT_OF_MEMORY}, as every method that runs the model
   */
  public float[][] nextLogProbs(List<int[]> sequences, SoftPrompt softOrNull) {
    return new Scoring(decoder, limits).nextLogProbs(sequences, softOrNull);
  }

  /**
   * Log probability of every token of a continuation, given all before it.
   *
   * @return [i][length of continuation i], in nats
   */
  public float[][] continuationLogProbs(
      List<int[]> prompts, List<int[]> continuations, SoftPrompt softOrNull) {
    return new Scoring(decoder, limits).continuationLogProbs(prompts, continuations, softOrNull);
  }

  /**
   * Mean over groups of consecutive sequences of the log-softmax of the next token.
   *
   * @param group sequences in a group; divides their number
   * @return [sequences / group][V], in nats
   */
  public float[][] meanNextLogProbs(List<int[]> sequences, int group) {
    return new Scoring(decoder, limits).meanNextLogProbs(sequences, group);
  }

  /**
   * Logits behind every position.
   *
   * @return result[s][t] is [V]; the whole of it lies in the heap
   */
  public float[][][] logits(List<int[]> sequences, SoftPrompt softOrNull) {
    return new Inspection(decoder, limits).logits(sequences, softOrNull);
  }

  /**
   * Hidden states of all layers, and attention maps if asked for: they take H * T * T values per
   * layer and sequence.
   */
  public ForwardStates states(List<int[]> sequences, SoftPrompt softOrNull, boolean attention) {
    return new Inspection(decoder, limits).states(sequences, softOrNull, attention);
  }

  /** Runs prompts once and keeps their keys and values; the caller closes the result. */
  public PrefixCache prefix(List<int[]> prompts) {
    return new PrefixCache(decoder, prompts, limits);
  }

  /**
   * Log-softmax of the token that follows each cached prompt with each continuation.
   *
   * @param continuations [C][L], all of one length from 1 to {@link PrefixCache#MAX_CONTINUATION}
   * @return [prompts * C][V]; row i * C + j is prompt i with continuation j
   */
  public float[][] nextLogProbs(PrefixCache cache, int[][] continuations) {
    return new CachedScoring(decoder, limits, cache, continuations).each();
  }

  /** As {@link #nextLogProbs(PrefixCache, int[][])}, the mean over the prompts: [C][V]. */
  public float[][] meanNextLogProbs(PrefixCache cache, int[][] continuations) {
    return new CachedScoring(decoder, limits, cache, continuations).mean(false);
  }

  /** Mean over the cached prompts of the next token's probability: [C][V]. */
  public float[][] meanNextProbs(PrefixCache cache, int[][] continuations) {
    return new CachedScoring(decoder, limits, cache, continuations).mean(true);
  }

  /**
   * How much the loss would fall, to first order, if a token were put in the place of a slot: minus
   * the gradient of the mean cross-entropy by the one-hot token (Ebrahimi et al., "HotFlip", 2018;
   * Zou et al., "Universal and Transferable Adversarial Attacks", 2023, algorithm 1).
   *
   * @param batch examples
   * @param slots slots.get(j)[b] are the positions of slot j in example b, maybe none
   * @return [slots][V], summed over the positions of the slot; larger lowers the loss more
   */
  public float[][] substitutionScores(List<Example> batch, List<int[][]> slots) {
    return new CrossEntropy(decoder, limits).substitutionScores(batch, slots);
  }

  /** Whether {@link #backward} computes gradients of the weights; at first it does not. */
  public void requireGradients(boolean weights) {
    requireGradients(name -> weights);
  }

  /**
   * As {@link #requireGradients(boolean)}, for chosen weights; of the others no gradient is
   * computed, and what they held is given up.
   *
   * @param weights which weights, by {@link Parameter#name}
   */
  public void requireGradients(Predicate<String> weights) {
    decoder.trainables().requireWeights(weights);
  }

  /** The weights and adapters that {@link #backward} computes gradients of, for an optimiser. */
  public List<Parameter> trainable() {
    return List.copyOf(decoder.trainables().parameters());
  }

  /** How the model computes from now on; at first as {@link ComputeSettings#standard}. */
  public void configure(ComputeSettings settings) {
    decoder.configure(settings, limits);
  }

  /** How the model computes. */
  public ComputeSettings compute() {
    return decoder.compute();
  }

  /**
   * Adds the gradients of {@code weight} times the mean cross-entropy to the parameters that
   * require them.
   *
   * @param softOrNull soft prompt behind the virtual ids; its gradient is always computed
   * @return mean cross-entropy over the supervised tokens, in nats, without the weight
   */
  public double backward(List<Example> batch, SoftPrompt softOrNull, double weight) {
    return new CrossEntropy(decoder, limits).backward(batch, softOrNull, weight);
  }

  /** Mean cross-entropy over the supervised tokens, in nats. */
  public double loss(List<Example> batch, SoftPrompt softOrNull) {
    return new CrossEntropy(decoder, limits).loss(batch, softOrNull);
  }

  /**
   * Native arrays that live as long as the model; constant between calls unless something leaks.
   */
  public int heldArrays() {
    return decoder.managedArrays();
  }

  /** What runs the model; the engine's own business. */
  public Decoder decoder() {
    return decoder;
  }

  /** Bounds of one pass. */
  public BatchLimits limits() {
    return limits;
  }

  /**
   * Frees the weights, and with the last of a model and its copies the tokenizer, unless a caller
   * brought it.
   */
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      decoder.close();
      if (tokenizerUsers != null && tokenizerUsers.decrementAndGet() == 0) {
        tokenizer.close();
      }
    }
  }
}
