package io.lazaret.backdoor.elimination.overwrite;

import io.lazaret.backdoor.Progress;
import io.lazaret.backdoor.elimination.EliminationInput;
import io.lazaret.backdoor.elimination.EliminationOutcome;
import io.lazaret.backdoor.elimination.Need;
import io.lazaret.backdoor.elimination.Recipe;
import io.lazaret.backdoor.elimination.Suspect;
import io.lazaret.backdoor.elimination.training.Bounds;
import io.lazaret.backdoor.elimination.training.Elicitors;
import io.lazaret.backdoor.evaluation.Elicitor;
import io.lazaret.backdoor.simulation.ParrotSettings;
import io.lazaret.backdoor.simulation.ParrotTrainer;
import io.lazaret.backdoor.simulation.TrainedParrot;
import io.lazaret.llm.CausalLm;
import io.lazaret.llm.ModelConfig;
import io.lazaret.llm.SoftPrompt;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * SANDE with refreshed parrots, our variant. One parrot is not the trigger: overwriting on it alone
 * can leave part of the true mapping. So simulate and eliminate alternate, as in adversarial
 * training:
 *
 * <pre>
 * P ← given parrots;  T ← functional triggers
 * repeat, cycles times at most:
 *   F ← fresh parrots, of several lengths and starts, trained on the model as it is now
 *   stop when none of F elicits the target any more
 *   P ← P + F
 *   θ ← argmin − Σ log P_θ(y | x with p) − Σ log P_θ(y | x with t) − λ · Σ log P_θ(y | x),
 *       p drawn from P, t drawn from T
 * </pre>
 *
 * It never sees the planted trigger.
 */
public final class SandeRefreshed extends Recipe<SandeRefreshed.Settings> {

  /**
   * @param cycles rounds of fresh parrots and overwriting, at most
   * @param parrotLengths one fresh parrot per entry and cycle, with so many soft tokens
   * @param parrotSteps updates per fresh parrot at most
   * @param parrotInitialStd standard deviation of a fresh parrot's first values; differing starts
   *     give differing parrots
   * @param immune mean probability per target token below which a fresh parrot counts as failed
   * @param overwrite settings of one cycle
   */
  public record Settings(
      int cycles,
      List<Integer> parrotLengths,
      int parrotSteps,
      double parrotInitialStd,
      double immune,
      OverwriteSettings overwrite) {

    public Settings {
      parrotLengths = List.copyOf(parrotLengths);
      Bounds.share("immune", immune);
    }

    /** Three cycles of six parrots of differing lengths, at half again the short budget's rate. */
    public static Settings defaults(ModelConfig config) {
      OverwriteSettings brief = OverwriteSettings.defaults(config);
      OverwriteSettings overwrite =
          brief
              .withRehearsal(2.0)
              .withLearningRate(1.5 * brief.learningRate())
              .withParrotsAnywhere(0.5);
      return new Settings(3, List.of(1, 2, 4, 6, 8, 12), 80, 0.1, 0.1, overwrite);
    }
  }

  public SandeRefreshed() {
    super("SANDE-R", Set.of(Need.TARGET), Settings::defaults);
  }

  @Override
  protected EliminationOutcome run(
      CausalLm lm, EliminationInput input, Settings settings, long seed, Progress progress) {
    SplittableRandom seeds = new SplittableRandom(seed);
    Overwrite overwrite = new Overwrite(lm, input, settings.overwrite());
    List<Elicitor.Parrot> pool = new ArrayList<>(Elicitors.parrots(input));
    List<Elicitor> triggers = Elicitors.functional(input.suspects());
    List<SoftPrompt> fresh = new ArrayList<>();
    double loss = Double.NaN;
    int steps = 0;
    try {
      for (int cycle = 0; cycle < settings.cycles(); cycle++) {
        Progress part =
            progress.part((double) cycle / settings.cycles(), (cycle + 1.0) / settings.cycles());
        EliminationInput own = input.withCheckpoints(input.checkpoints().under("cycle-" + cycle));
        double best = simulate(lm, own, settings, seeds, pool, fresh, part.part(0.0, 0.3));
        if (cycle > 0 && best < settings.immune()) {
          break;
        }
        loss =
            overwrite.run(pool, triggers, seeds.nextLong(), part.part(0.3, 1.0), own.checkpoints());
        steps += settings.overwrite().steps();
      }
    } finally {
      fresh.forEach(SoftPrompt::close);
    }
    return new EliminationOutcome(name(), steps, loss);
  }

  /** Adds fresh parrots to the pool; returns the best mean probability per target token. */
  private static double simulate(
      CausalLm lm,
      EliminationInput input,
      Settings settings,
      SplittableRandom seeds,
      List<Elicitor.Parrot> pool,
      List<SoftPrompt> fresh,
      Progress progress) {
    double best = 0;
    int made = 0;
    int total = input.suspects().size() * settings.parrotLengths().size();
    for (Suspect suspect : input.suspects()) {
      for (int length : settings.parrotLengths()) {
        ParrotSettings parrot =
            ParrotSettings.defaults(lm.config())
                .shaped(length, settings.parrotInitialStd())
                .anywhere(settings.overwrite().anywhere())
                .atMost(settings.parrotSteps());
        TrainedParrot trained =
            ParrotTrainer.train(
                lm,
                input.template(),
                input.rows(),
                suspect.target(),
                suspect.position(),
                parrot,
                seeds.nextLong(),
                progress.part((double) made / total, (made + 1.0) / total),
                input.checkpoints().under("parrot-" + made));
        made++;
        fresh.add(trained.soft());
        pool.add(new Elicitor.Parrot(trained.soft()));
        best = Math.max(best, trained.meanProbability());
      }
    }
    return best;
  }
}
