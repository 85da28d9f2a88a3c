package io.lazaret.llm.decoder;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.lazaret.llm.BatchLimits;
import io.lazaret.llm.CausalLm;
import io.lazaret.llm.ComputeSettings;
import io.lazaret.llm.Example;
import io.lazaret.llm.ModelConfig;
import io.lazaret.llm.SoftPrompt;
import io.lazaret.llm.script.ScriptModule.Mode;
import io.lazaret.llm.tensor.NativeParameter;
import io.lazaret.llm.training.TrainingProblems;
import io.lazaret.problem.ProblemException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Loss and gradients of a decoder over supervised tokens. */
public final class CrossEntropy {

  private final Decoder decoder;
  private final BatchLimits limits;

  /** Losses of one decoder, in passes within {@code limits}. */
  public CrossEntropy(Decoder decoder, BatchLimits limits) {
    this.decoder = decoder;
    this.limits = limits;
  }

  /** As {@link CausalLm#loss}. */
  public double loss(List<Example> examples, SoftPrompt soft) {
    double sum = 0;
    for (Supervision part : pack(examples, soft)) {
      try (NDManager scope = decoder.scope()) {
        NDArray loss =
            decoder.call(
                "loss",
                Mode.INFERENCE,
                decoder.ids(scope, part.batch()),
                scope.create(part.rows()),
                decoder.soft(soft),
                scope.create(part.targets()));
        sum += loss.getFloat();
      }
    }
    return Decoder.requireNumber(sum / supervised(examples));
  }

  /** As {@link CausalLm#backward}. */
  public double backward(List<Example> examples, SoftPrompt soft, double weight) {
    List<NativeParameter> trained = new ArrayList<>(decoder.trainables().parameters());
    if (soft != null) {
      trained.add(NativeParameter.of(soft.parameter()));
    }
    if (trained.isEmpty()) {
      throw new IllegalStateException("no weights, adapters or soft prompt require gradients");
    }
    float scale = (float) (weight / supervised(examples));
    try {
      double sum = 0;
      for (Supervision part : pack(examples, soft)) {
        sum += backward(part, soft, scale);
      }
      return TrainingProblems.requireFinite(sum / supervised(examples));
    } catch (ProblemException e) {
      // What the passes before the failed one have added belongs to no step.
      clear(trained);
      throw TrainingProblems.named(e);
    }
  }

  private void clear(List<NativeParameter> trained) {
    try (NDManager scope = decoder.scope()) {
      decoder.call(
          "clear",
          Mode.UPDATE,
          List.of(scope.create(0f)),
          Map.of("g", trained.stream().map(NativeParameter::gradient).toList()));
    }
  }

  private double backward(Supervision part, SoftPrompt soft, float scale) {
    try (NDManager scope = decoder.scope()) {
      return decoder
          .call(
              "backward",
              Mode.GRADIENT,
              decoder.ids(scope, part.batch()),
              scope.create(part.rows()),
              decoder.soft(soft),
              scope.create(part.targets()),
              scope.create(scale),
              soft == null ? decoder.soft(null) : NativeParameter.of(soft.parameter()).gradient())
          .getFloat();
    }
  }

  /** As {@link CausalLm#substitutionScores}. */
  public float[][] substitutionScores(List<Example> examples, List<int[][]> slots) {
    ModelConfig config = decoder.config();
    float scale = (float) (1 / supervised(examples));
    try (NDManager owner = decoder.scope()) {
      NDArray sums = owner.zeros(new Shape(slots.size(), config.hiddenSize()), DataType.FLOAT32);
      for (Supervision part : pack(examples, null)) {
        try (NDManager scope = decoder.scope()) {
          SlotPositions places = SlotPositions.of(part.batch(), examples, slots);
          if (places.flat().length == 0) {
            continue;
          }
          decoder.call(
              "slot_gradients",
              Mode.GRADIENT,
              decoder.ids(scope, part.batch()),
              scope.create(part.rows()),
              decoder.soft(null),
              scope.create(part.targets()),
              scope.create(scale),
              scope.create(places.flat()),
              scope.create(places.slots()),
              sums);
        }
      }
      return Decoder.rows(decoder.call("substitution_scores", Mode.INFERENCE, sums));
    }
  }

  private List<Supervision> pack(List<Example> examples, SoftPrompt soft) {
    decoder.check(examples.stream().map(Example::ids).toList(), soft);
    ComputeSettings compute = decoder.compute();
    int rows = compute.microBatch() == 0 ? limits.rows() : compute.microBatch();
    BatchLimits passes =
        new BatchLimits(
            Math.min(rows, limits.rows()),
            limits.tokens(),
            compute.lossChunk() == 0 ? limits.logits() : Long.MAX_VALUE);
    return Supervision.pack(examples, decoder.config().vocabSize(), passes);
  }

  private static double supervised(List<Example> examples) {
    if (examples.isEmpty()) {
      throw new IllegalArgumentException("the batch is empty");
    }
    return examples.stream().mapToInt(Example::supervised).sum();
  }
}
