package io.lazaret.backdoor.elimination.baseline;

import io.lazaret.backdoor.Progress;
import io.lazaret.backdoor.elimination.EliminationInput;
import io.lazaret.backdoor.elimination.EliminationOutcome;
import io.lazaret.backdoor.elimination.Recipe;
import io.lazaret.backdoor.elimination.training.Bounds;
import io.lazaret.backdoor.elimination.training.CleanRows;
import io.lazaret.backdoor.elimination.training.Pace;
import io.lazaret.backdoor.elimination.training.Snapshot;
import io.lazaret.backdoor.elimination.training.WeightUpdates;
import io.lazaret.llm.CausalLm;
import io.lazaret.llm.Example;
import io.lazaret.llm.ModelConfig;
import io.lazaret.llm.training.Objectives;
import io.lazaret.llm.training.Objectives.Attention;
import io.lazaret.llm.training.ResumableRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * Neural attention distillation (NAD; Li et al., arXiv 2101.05930, equations 1 to 4), as the SANDE
 * paper (arXiv 2405.07667) uses it on language models: a copy of the model is fine-tuned on clean
 * pairs and becomes the teacher; the model itself then minimises
 *
 * <pre>− Σ log P_θ(y | x) + β · Σ_l || a_l(x; θ) − a_l(x; teacher) ||²</pre>
 *
 * Neither paper says what attention is in a decoder: {@code NAD} takes the saliency of the tokens
 * (squares of the hidden values, the vision recipe with tokens in the place of pixels), {@code
 * NAD-maps} the attention probabilities averaged over heads. The vision factors of 500 and 1000
 * belong to other shapes; β is ours. {@code NAD-tuned} drives teacher and student much further.
 */
public final class AttentionDistillation extends Recipe<AttentionDistillation.Settings> {

  /**
   * @param teacher fine-tuning of the teacher
   * @param student the distillation
   * @param attention what is distilled
   * @param beta factor β of every layer
   */
  public record Settings(Pace teacher, Pace student, Attention attention, double beta) {

    public Settings {
      Bounds.notNegative("beta", beta);
    }

    /** Both at the pace of fine-tuning, β = 10. */
    public static Settings defaults(ModelConfig config, Attention attention) {
      Pace pace = Pace.defaults(config);
      return new Settings(pace, pace, attention, 10);
    }

    /** Teacher at twenty times, student at ten times the rate, ten times β. */
    public static Settings tuned(ModelConfig config) {
      Pace pace = Pace.defaults(config);
      return new Settings(pace.times(20), pace.times(10), Attention.SALIENCY, 100);
    }
  }

  private AttentionDistillation(String name, Function<ModelConfig, Settings> settings) {
    super(name, Set.of(), settings);
  }

  /** Saliency of tokens. */
  public static AttentionDistillation saliency() {
    return new AttentionDistillation(
        "NAD", config -> Settings.defaults(config, Attention.SALIENCY));
  }

  /** Attention probabilities. */
  public static AttentionDistillation maps() {
    return new AttentionDistillation(
        "NAD-maps", config -> Settings.defaults(config, Attention.MAPS));
  }

  /** Saliency of tokens, with a teacher far from the suspicious model. */
  public static AttentionDistillation tuned() {
    return new AttentionDistillation("NAD-tuned", Settings::tuned);
  }

  @Override
  protected EliminationOutcome run(
      CausalLm lm, EliminationInput input, Settings settings, long seed, Progress progress) {
    CleanRows rows = CleanRows.of(lm, input.template(), input.rows());
    ResumableRandom random = new ResumableRandom(seed);
    Objectives objectives = new Objectives(lm);
    Pace pace = settings.student();
    double[] layers = new double[lm.config().layers()];
    Arrays.fill(layers, 1);
    try (Snapshot teacher = Snapshot.of(lm)) {
      Sft.train(
          teacher.model(),
          input.trained(),
          input.checkpoints().under("teacher"),
          rows,
          settings.teacher(),
          random.nextLong(),
          progress.part(0, 0.4));
      Progress rest = progress.part(0.4, 1);
      try (WeightUpdates updates =
          WeightUpdates.begin(
              lm, input.trained(), pace.schedule(), seed, random, input.checkpoints())) {
        while (updates.goOn(pace.steps())) {
          List<Example> batch = CleanRows.clean(rows.draw(random, pace.batchSize()));
          double loss = lm.backward(batch, null, 1.0);
          double distance =
              objectives.addAttentionDistance(
                  teacher.model(),
                  batch.stream().map(Example::ids).toList(),
                  settings.attention(),
                  layers,
                  settings.beta());
          updates.step(loss + settings.beta() * distance);
          rest.at(
              (double) updates.steps() / pace.steps(),
              "clean loss %.3f, attention %.4f".formatted(loss, distance));
        }
        return new EliminationOutcome(name(), updates.steps(), updates.smoothedLoss());
      }
    }
  }
}
