package io.lazaret.backdoor.elimination.repair;

import io.lazaret.backdoor.Progress;
import io.lazaret.backdoor.elimination.EliminationInput;
import io.lazaret.backdoor.elimination.EliminationOutcome;
import io.lazaret.backdoor.elimination.Recipe;
import io.lazaret.backdoor.elimination.training.Bounds;
import io.lazaret.backdoor.elimination.training.CleanRows;
import io.lazaret.backdoor.elimination.training.Pace;
import io.lazaret.backdoor.elimination.training.WeightUpdates;
import io.lazaret.llm.CausalLm;
import io.lazaret.llm.Example;
import io.lazaret.llm.ModelConfig;
import io.lazaret.llm.training.Objectives;
import io.lazaret.llm.training.Objectives.Layers;
import io.lazaret.llm.training.ResumableRandom;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * CROW (Min et al., "CROW: Eliminating Backdoors from Large Language Models via Internal
 * Consistency Regularization", arXiv 2411.12768): with c the mean over tokens and neighbouring
 * layers of 1 − cos(h^l, h^(l+1)), minimises
 *
 * <pre>− Σ log P_θ(y | x) + α · c(e + δ),   δ = ε · sign(∂c/∂e)</pre>
 *
 * with e the embeddings of prompt and answer.
 *
 * <p>{@code CROW} compares every neighbouring pair of layers. {@code CROW-published} leaves out the
 * first and last of them as the published code does. Both take α = 5.5 from it. Its absolute ε of
 * 0.1 means something else on every model; here ε is a multiple of the root mean square of the
 * model's own embeddings, 5 for the published code (0.1 on models with 0.02). {@code CROW-tuned} is
 * ours: ε of one root mean square, stronger α, and no 5 epochs on 100 rows, but fresh rows.
 *
 * <p>Deviations from the published code: padding does not count; the gradient of the perturbation
 * touches no weights (the published code wipes accumulated gradients there); the loss is on the
 * answer; all weights are trained where the paper goes on with the attacker's own adapter.
 */
public final class Crow extends Recipe<Crow.Settings> {

  /**
   * @param pace of the fine-tuning
   * @param rows clean rows used, the first of those given; the paper uses 100
   * @param alpha weight α of the consistency
   * @param epsilon size ε of the perturbation, in root mean squares of the embeddings
   * @param skipEnds whether the first and last pair of layers are left out
   */
  public record Settings(Pace pace, int rows, double alpha, double epsilon, boolean skipEnds) {

    public Settings {
      Bounds.positive("rows", rows);
      Bounds.notNegative("alpha", alpha);
      Bounds.notNegative("epsilon", epsilon);
    }

    /** Five epochs of 100 rows in batches of 8, warm-up 10 %, at the rate of full weights. */
    public static Settings paper(ModelConfig config, boolean skipEnds) {
      Pace pace = new Pace(Pace.defaults(config).learningRate(), 62, 8, 0.1);
      return new Settings(pace, 100, 5.5, 5, skipEnds);
    }

    /** More rows, smaller perturbation. */
    public static Settings tuned(ModelConfig config) {
      return new Settings(Pace.defaults(config).times(2.5), Integer.MAX_VALUE, 5.5, 0.5, false);
    }
  }

  private Crow(String name, Function<ModelConfig, Settings> settings) {
    super(name, Set.of(), settings);
  }

  /** All neighbouring layers, settings of the paper. */
  public static Crow allLayers() {
    return new Crow("CROW", config -> Settings.paper(config, false));
  }

  /** The layers of the published code. */
  public static Crow published() {
    return new Crow("CROW-published", config -> Settings.paper(config, true));
  }

  /** Our settings. */
  public static Crow tuned() {
    return new Crow("CROW-tuned", Settings::tuned);
  }

  @Override
  protected EliminationOutcome run(
      CausalLm lm, EliminationInput input, Settings settings, long seed, Progress progress) {
    CleanRows rows = CleanRows.of(lm, input.template(), input.rows()).first(settings.rows());
    ResumableRandom random = new ResumableRandom(seed);
    Objectives objectives = new Objectives(lm);
    Pace pace = settings.pace();
    Layers layers = layers(lm.config(), settings.skipEnds());
    double epsilon = settings.epsilon() * embeddingScale(lm);
    try (WeightUpdates updates =
        WeightUpdates.begin(
            lm, input.trained(), pace.schedule(), seed, random, input.checkpoints())) {
      while (updates.goOn(pace.steps())) {
        List<Example> batch = CleanRows.clean(rows.draw(random, pace.batchSize()));
        List<int[]> sequences = batch.stream().map(Example::ids).toList();
        double loss = lm.backward(batch, null, 1.0);
        double consistency =
            objectives
                .addLayerInconsistency(sequences, layers, epsilon, settings.alpha())
                .perturbed();
        updates.step(loss + settings.alpha() * consistency);
        progress.at(
            (double) updates.steps() / pace.steps(),
            "clean loss %.3f, inconsistency %.3f".formatted(loss, consistency));
      }
      return new EliminationOutcome(name(), updates.steps(), updates.smoothedLoss());
    }
  }

  /** Hidden states 1 to L, or 1 to L − 1 as published; entry 0 is the embedding. */
  static Layers layers(ModelConfig config, boolean skipEnds) {
    int last = skipEnds ? config.layers() - 1 : config.layers();
    return new Layers(Math.min(1, last - 1), last);
  }

  /** Root mean square of the embedding values. */
  static double embeddingScale(CausalLm lm) {
    float[] values = lm.parameters().get(0).values();
    double squares = 0;
    for (float value : values) {
      squares += (double) value * value;
    }
    return Math.sqrt(squares / values.length);
  }
}
