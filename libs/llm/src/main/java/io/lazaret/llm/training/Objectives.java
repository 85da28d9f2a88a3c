package io.lazaret.llm.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.lazaret.llm.CausalLm;
import io.lazaret.llm.Example;
import io.lazaret.llm.SoftPrompt;
import io.lazaret.llm.decoder.Batch;
import io.lazaret.llm.decoder.Decoder;
import io.lazaret.llm.decoder.Supervision;
import io.lazaret.llm.script.ScriptModule.Mode;
import io.lazaret.llm.tensor.NativeParameter;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Losses other than cross-entropy, of one model. Every method whose name begins with {@code add}
 * adds the gradient of its weighted loss to whatever the model trains, and to the soft prompt, as
 * {@link CausalLm#backward} does; an optimiser's step then uses the sum of all of them.
 *
 * <p>Threads: as {@link CausalLm#backward}.
 */
public final class Objectives {

  private final CausalLm lm;
  private final Decoder decoder;

  public Objectives(CausalLm lm) {
    this.lm = lm;
    this.decoder = lm.decoder();
  }

  /**
   * Σ_i factors[i] · NLL(example i), where NLL is summed over the supervised tokens. Negative
   * factors raise an example's loss.
   *
   * @param factors one per example
   * @return the weighted sum, in nats
   */
  public double addWeighted(List<Example> batch, double[] factors, SoftPrompt softOrNull) {
    if (factors.length != batch.size()) {
      throw new IllegalArgumentException(factors.length + " factors for " + batch.size());
    }
    double sum = 0;
    for (Supervision part : pack(batch, softOrNull)) {
      float[] perToken = new float[part.targets().length];
      int next = 0;
      for (int member : part.batch().members()) {
        int tokens = batch.get(member).supervised();
        Arrays.fill(perToken, next, next + tokens, (float) factors[member]);
        next += tokens;
      }
      try (NDManager scope = decoder.scope()) {
        sum +=
            gradient(
                    "weighted",
                    softOrNull,
                    decoder.ids(scope, part.batch()),
                    scope.create(part.rows()),
                    decoder.soft(softOrNull),
                    scope.create(part.targets()),
                    scope.create(perToken))
                .getFloat();
      }
    }
    return Decoder.requireNumber(sum);
  }

  /**
   * The mean over supervised tokens of the cross-entropy with a target distribution of which a part
   * is spread over the whole vocabulary (Szegedy et al., "Rethinking the Inception Architecture",
   * 2016, section 7).
   *
   * @param smoothing the spread part, 0 to 1
   * @return the mean, in nats
   */
  public double addSmoothed(List<Example> batch, double smoothing, SoftPrompt softOrNull) {
    int tokens = batch.stream().mapToInt(Example::supervised).sum();
    double sum = 0;
    for (Supervision part : pack(batch, softOrNull)) {
      try (NDManager scope = decoder.scope()) {
        sum +=
            gradient(
                    "smoothed",
                    softOrNull,
                    decoder.ids(scope, part.batch()),
                    scope.create(part.rows()),
                    decoder.soft(softOrNull),
                    scope.create(part.targets()),
                    scope.create(new float[] {(float) smoothing, 1f / tokens}))
                .getFloat();
      }
    }
    return Decoder.requireNumber(sum);
  }

  /**
   * The mean over supervised positions of KL(teacher || this model), the teacher reading its own
   * sequences (Hinton et al., "Distilling the Knowledge in a Neural Network", 2015, at temperature
   * 1). The two lists may differ in what comes before the supervised tokens.
   *
   * @param teacher of the same vocabulary; may be a frozen copy
   * @param theirs the teacher's sequences, as many supervised tokens each as those of {@code ours}
   * @return the mean, in nats, without the weight
   */
  public double addDivergence(
      CausalLm teacher,
      List<Example> theirs,
      List<Example> ours,
      SoftPrompt softOrNull,
      double weight) {
    requireAligned(teacher, theirs, ours);
    int tokens = ours.stream().mapToInt(Example::supervised).sum();
    double sum = 0;
    for (Supervision part : pack(ours, softOrNull)) {
      int[] members = part.batch().members();
      List<int[]> sequences = theirs.stream().map(Example::ids).toList();
      Batch twin = Batch.of(sequences, Arrays.stream(members).boxed().toList());
      Supervision read = Supervision.of(twin, theirs);
      try (NDManager scope = decoder.scope()) {
        NDArray wanted =
            teacher
                .decoder()
                .call(
                    "next",
                    Mode.UPDATE,
                    decoder.ids(scope, twin),
                    scope.create(read.rows()),
                    teacher.decoder().soft(null));
        sum +=
            gradient(
                    "divergence",
                    softOrNull,
                    decoder.ids(scope, part.batch()),
                    scope.create(part.rows()),
                    decoder.soft(softOrNull),
                    wanted,
                    scope.create((float) (weight / tokens)))
                .getFloat();
      }
    }
    return weight == 0 ? 0 : Decoder.requireNumber(sum / weight);
  }

  private void requireAligned(CausalLm teacher, List<Example> theirs, List<Example> ours) {
    if (theirs.size() != ours.size()) {
      throw new IllegalArgumentException(theirs.size() + " sequences beside " + ours.size());
    }
    for (int i = 0; i < ours.size(); i++) {
      if (theirs.get(i).supervised() != ours.get(i).supervised()) {
        throw new IllegalArgumentException("example " + i + " supervises different tokens");
      }
    }
    teacher.decoder().check(theirs.stream().map(Example::ids).toList(), null);
    if (teacher.config().vocabSize() != lm.config().vocabSize()) {
      throw new IllegalArgumentException("the teacher has another vocabulary");
    }
  }

  /**
   * Which hidden states are compared: the embedding output is entry 0, layer l's output entry l.
   *
   * @param first first entry
   * @param last last entry, greater than the first and at most the number of layers
   */
  public record Layers(int first, int last) {
    public Layers {
      if (first < 0 || last <= first) {
        throw new IllegalArgumentException("layers " + first + ".." + last);
      }
    }
  }

  /**
   * Mean over neighbouring layers and tokens of 1 − cos(h^l, h^(l+1)) (Min et al., "CROW", arXiv
   * 2411.12768, layer consistency).
   */
  public double layerInconsistency(List<int[]> sequences, Layers layers) {
    double sum = 0;
    for (Batch part : pack(sequences)) {
      try (NDManager scope = decoder.scope()) {
        NDArray value =
            decoder.call(
                "layer_consistency",
                Mode.INFERENCE,
                decoder.ids(scope, part),
                decoder.soft(null),
                real(scope, part, sequences),
                span(scope, layers));
        sum += value.getFloat() * tokens(part, sequences);
      }
    }
    return Decoder.requireNumber(sum / tokens(sequences));
  }

  /** What one consistency update saw: the mean of the clean and of the perturbed embeddings. */
  public record Inconsistency(double clean, double perturbed) {}

  /**
   * {@code weight} times the inconsistency of layers under the perturbation of the embeddings that
   * raises it most to first order, δ = ε · sign(∂c/∂e). The perturbation's gradient is taken by the
   * embeddings alone and never touches the gradients of the weights.
   *
   * @param epsilon absolute size of the perturbation of each embedding value
   */
  public Inconsistency addLayerInconsistency(
      List<int[]> sequences, Layers layers, double epsilon, double weight) {
    double clean = 0;
    double perturbed = 0;
    for (Batch part : pack(sequences)) {
      double share = tokens(part, sequences) / tokens(sequences);
      try (NDManager scope = decoder.scope()) {
        float[] constants = {(float) epsilon, (float) (weight * share)};
        float[] values =
            gradient(
                    "layer_consistency_gradient",
                    null,
                    decoder.ids(scope, part),
                    decoder.soft(null),
                    real(scope, part, sequences),
                    span(scope, layers),
                    scope.create(constants))
                .toFloatArray();
        clean += share * values[0];
        perturbed += share * values[1];
      }
    }
    return new Inconsistency(Decoder.requireNumber(clean), Decoder.requireNumber(perturbed));
  }

  /** What stands for the attention of a layer in distillation; of unit norm per sequence. */
  public enum Attention {
    /** One value per token: the squares of the hidden values summed over the width. */
    SALIENCY,
    /** The attention probabilities, averaged over the heads. */
    MAPS
  }

  /**
   * {@code weight} times the mean over sequences of Σ_l layers[l] · ||a_l − a'_l||² (Li et al.,
   * "Neural Attention Distillation", 2021, equations 1 to 3 with p = 2, tokens in the place of
   * pixels).
   *
   * @param teacher of the same layers; may be a frozen copy
   * @param layers one factor per layer
   * @return the mean without the weight
   */
  public double addAttentionDistance(
      CausalLm teacher, List<int[]> sequences, Attention kind, double[] layers, double weight) {
    if (layers.length != lm.config().layers() || teacher.config().layers() != layers.length) {
      throw new IllegalArgumentException(layers.length + " factors for the layers");
    }
    float[] factors = new float[layers.length];
    for (int l = 0; l < layers.length; l++) {
      factors[l] = (float) layers[l];
    }
    double sum = 0;
    for (Batch part : pack(sequences)) {
      try (NDManager scope = decoder.scope()) {
        NDArray ids = decoder.ids(scope, part);
        NDArray real = real(scope, part, sequences);
        NDArray maps = scope.create(kind == Attention.MAPS ? 1L : 0L);
        List<NDArray> wanted =
            teacher
                .decoder()
                .call(
                    "saliency",
                    Mode.UPDATE,
                    List.of(ids, decoder.soft(null), real, maps),
                    Map.of());
        List<NDArray> arguments =
            List.of(
                ids,
                decoder.soft(null),
                real,
                maps,
                scope.create(factors),
                scope.create((float) (weight / sequences.size())),
                decoder.soft(null));
        sum +=
            decoder
                .call("likeness", Mode.GRADIENT, arguments, Map.of("teacher", wanted))
                .get(0)
                .getFloat();
      }
    }
    return weight == 0 ? 0 : Decoder.requireNumber(sum / weight);
  }

  /** Calls a method that ends in the soft prompt's gradient. */
  private NDArray gradient(String method, SoftPrompt soft, NDArray... first) {
    NDList all = new NDList(first);
    all.add(soft == null ? decoder.soft(null) : NativeParameter.of(soft.parameter()).gradient());
    return decoder.call(method, Mode.GRADIENT, all.toArray(NDArray[]::new));
  }

  private List<Supervision> pack(List<Example> examples, SoftPrompt soft) {
    if (examples.isEmpty()) {
      throw new IllegalArgumentException("the batch is empty");
    }
    decoder.check(examples.stream().map(Example::ids).toList(), soft);
    return Supervision.pack(examples, lm.config().vocabSize(), lm.limits());
  }

  private List<Batch> pack(List<int[]> sequences) {
    decoder.check(sequences, null);
    return Batch.pack(sequences, new int[sequences.size()], lm.config().vocabSize(), lm.limits());
  }

  private static double tokens(Batch part, List<int[]> sequences) {
    return Arrays.stream(part.members()).map(member -> sequences.get(member).length).sum();
  }

  private static double tokens(List<int[]> sequences) {
    return sequences.stream().mapToInt(sequence -> sequence.length).sum();
  }

  /** [rows, length]: one for tokens, zero for padding. */
  private static NDArray real(NDManager scope, Batch batch, List<int[]> sequences) {
    float[] real = new float[batch.rows() * batch.length()];
    for (int row = 0; row < batch.rows(); row++) {
      int from = row * batch.length();
      Arrays.fill(real, from, from + sequences.get(batch.members()[row]).length, 1);
    }
    return scope.create(real, new Shape(batch.rows(), batch.length()));
  }

  private NDArray span(NDManager scope, Layers layers) {
    if (layers.last() > lm.config().layers()) {
      throw new IllegalArgumentException(
          "the model has " + lm.config().layers() + " layers, not " + layers.last());
    }
    return scope.create(new long[] {layers.first(), layers.last()});
  }
}
