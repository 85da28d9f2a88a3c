package io.lazaret.backdoor.elimination.repair;

import io.lazaret.backdoor.Progress;
import io.lazaret.backdoor.elimination.EliminationInput;
import io.lazaret.backdoor.elimination.EliminationOutcome;
import io.lazaret.backdoor.elimination.Recipe;
import io.lazaret.backdoor.elimination.training.Bounds;
import io.lazaret.backdoor.elimination.training.CleanRows;
import io.lazaret.backdoor.elimination.training.CleanRows.Row;
import io.lazaret.backdoor.elimination.training.Pace;
import io.lazaret.backdoor.elimination.training.WeightUpdates;
import io.lazaret.backdoor.evaluation.Elicitor;
import io.lazaret.llm.CausalLm;
import io.lazaret.llm.Example;
import io.lazaret.llm.ModelConfig;
import io.lazaret.llm.training.ResumableRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/**
 * Plant and flush, ours after two findings of 2026 that unlearning a planted backdoor suppresses
 * others too ("BackFlush", arXiv 2605.12529; "Backdoor unlearning generalization", arXiv
 * 2606.03785; their settings were not at hand):
 *
 * <pre>
 * plant: fine-tune on clean rows, a share of them poisoned with one of m fresh pairs (t_v, r_v)
 * flush: − Σ log P_θ(y | x with t_v) − λ · Σ log P_θ(y | x)   (OSFT on the planted triggers)
 * </pre>
 *
 * {@code Plant-and-flush-tuned} plants more pairs, of differing lengths, and flushes for longer.
 */
public final class PlantAndFlush extends Recipe<PlantAndFlush.Settings> {

  /**
   * @param pairs m, planted triggers and targets
   * @param trigger tokens of a planted trigger
   * @param target tokens of a planted target
   * @param poisoned share of poisoned rows while planting, 0 to 1
   * @param plant fine-tuning that plants
   * @param flush fine-tuning that flushes
   * @param rehearsal weight λ of clean prompts while flushing
   */
  public record Settings(
      int pairs,
      Length trigger,
      Length target,
      double poisoned,
      Pace plant,
      Pace flush,
      double rehearsal) {

    public Settings {
      Bounds.positive("pairs", pairs);
      Bounds.share("poisoned", poisoned);
      Bounds.notNegative("rehearsal", rehearsal);
    }

    /** Eight pairs on a third of the rows. */
    public static Settings defaults(ModelConfig config) {
      Pace pace = Pace.defaults(config).times(2.5);
      return new Settings(8, FOUR, FOUR, 0.33, pace, pace.withSteps(250), 1);
    }

    /**
     * Many pairs of differing lengths at the rate of implantations, and a long flush (ADR 0040).
     */
    static Settings tuned(ModelConfig config) {
      Pace pace = Pace.defaults(config).times(5);
      return new Settings(
          64,
          new Length(1, 8),
          new Length(2, 7),
          0.5,
          pace.withSteps(600),
          pace.withSteps(1250),
          1);
    }
  }

  /** A number of tokens, drawn from this range with both ends. */
  public record Length(int fewest, int most) {
    public Length {
      Bounds.positive("fewest", fewest);
      Bounds.atLeast("most", most, fewest);
    }

    int draw(RandomGenerator random) {
      return fewest == most ? fewest : random.nextInt(fewest, most + 1);
    }
  }

  private static final Length FOUR = new Length(4, 4);

  private PlantAndFlush(String name, Function<ModelConfig, Settings> settings) {
    super(name, Set.of(), settings);
  }

  /** Few pairs, a short flush. */
  public static PlantAndFlush brief() {
    return new PlantAndFlush("Plant-and-flush", Settings::defaults);
  }

  /** Many pairs, a long flush. */
  public static PlantAndFlush tuned() {
    return new PlantAndFlush("Plant-and-flush-tuned", Settings::tuned);
  }

  @Override
  protected EliminationOutcome run(
      CausalLm lm, EliminationInput input, Settings settings, long seed, Progress progress) {
    CleanRows rows = CleanRows.of(lm, input.template(), input.rows());
    ResumableRandom random = new ResumableRandom(seed);
    List<Planted> pairs = new ArrayList<>();
    for (int v = 0; v < settings.pairs(); v++) {
      int trigger = settings.trigger().draw(random);
      int target = settings.target().draw(random);
      pairs.add(Planted.draw(lm.tokenizer(), trigger, target, random));
    }
    Planted.implant(
        lm,
        input.trained(),
        input.checkpoints().under("plant"),
        rows,
        pairs,
        settings.poisoned(),
        settings.plant(),
        random.nextLong());
    progress.at(0.4, "planted " + pairs.size() + " pairs");
    Progress rest = progress.part(0.4, 1);
    Pace pace = settings.flush();
    try (WeightUpdates updates =
        WeightUpdates.begin(
            lm, input.trained(), pace.schedule(), seed, random, input.checkpoints())) {
      while (updates.goOn(pace.steps())) {
        List<Example> batch = new ArrayList<>();
        for (Row row : rows.draw(random, pace.batchSize())) {
          Elicitor trigger = pairs.get(random.nextInt(pairs.size())).trigger();
          batch.add(rows.elicited(row, trigger, row.answer().length));
        }
        double loss = lm.backward(batch, null, 1.0);
        if (settings.rehearsal() > 0) {
          List<Row> clean = rows.draw(random, pace.batchSize());
          lm.backward(CleanRows.clean(clean), null, settings.rehearsal());
        }
        updates.step(loss);
        rest.at((double) updates.steps() / pace.steps(), "flush loss %.3f".formatted(loss));
      }
      return new EliminationOutcome(name(), updates.steps(), updates.smoothedLoss());
    }
  }
}
