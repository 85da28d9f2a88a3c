package io.lazaret.backdoor.elimination;

import io.lazaret.backdoor.Progress;
import io.lazaret.backdoor.data.InstructionRow;
import io.lazaret.backdoor.evaluation.Elicitor;
import io.lazaret.backdoor.simulation.ParrotSettings;
import io.lazaret.backdoor.simulation.ParrotTrainer;
import io.lazaret.llm.CausalLm;
import io.lazaret.llm.SoftPrompt;
import io.lazaret.problem.ProblemException;
import java.util.ArrayList;
import java.util.List;

/**
 * SANDE with refreshed parrots, our variant. One parrot is not the trigger: overwriting on it alone
 * can leave part of the true mapping. So simulate and eliminate alternate, as in adversarial
 * training:
 *
 * <pre>
 * pool ← given parrots + functional triggers
 * repeat cycles times:
 *   pool ← pool + fresh parrots, of several lengths and starts, trained on the model as it is now
 *   θ ← argmin − Σ log P_θ(y | x with e), e drawn from the pool,  + λ · − Σ log P_θ(y | x)
 * </pre>
 *
 * It never sees the planted trigger.
 */
public final class SandeRefreshed implements EliminationMethod {

  /**
   * @param cycles rounds of fresh parrots and overwriting
   * @param parrotLengths one fresh parrot per entry and cycle, with so many soft tokens
   * @param parrotSteps updates per fresh parrot at most
   * @param parrotInitialStd standard deviation of a fresh parrot's first values; differing starts
   *     give differing parrots
   * @param overwrite settings of one cycle
   */
  public record Settings(
      int cycles,
      List<Integer> parrotLengths,
      int parrotSteps,
      double parrotInitialStd,
      OverwriteSettings overwrite) {

    /** Three cycles of three parrots, full rehearsal. */
    public static Settings defaults(OverwriteSettings overwrite) {
      return new Settings(3, List.of(1, 3, 6), 80, 0.1, overwrite.withRehearsal(1.0));
    }
  }

  @Override
  public String name() {
    return "SANDE-R";
  }

  @Override
  public EliminationOutcome eliminate(
      CausalLm lm, EliminationInput input, long seed, Progress progress) {
    Settings settings = Settings.defaults(OverwriteSettings.defaults(lm.config()));
    if (input.suspects().isEmpty()) {
      throw ProblemException.of(
          "NO_SUSPECT",
          "SANDE-R trains parrots on a response segment, and none was given.",
          "Run detection first.");
    }
    List<Elicitor> pool = new ArrayList<>(Elicitors.parrots(input.suspects()));
    pool.addAll(Elicitors.functional(input.suspects()));
    List<SoftPrompt> fresh = new ArrayList<>();
    double loss = Double.NaN;
    try {
      for (int cycle = 0; cycle < settings.cycles(); cycle++) {
        double from = (double) cycle / settings.cycles();
        double middle = (cycle + 0.4) / settings.cycles();
        double to = (cycle + 1.0) / settings.cycles();
        long cycleSeed = seed * 31 + cycle;
        for (SoftPrompt parrot :
            simulate(lm, input, settings, cycleSeed, progress.part(from, middle))) {
          fresh.add(parrot);
          pool.add(new Elicitor.Parrot(parrot));
        }
        loss =
            new Overwrite(lm, input.template(), settings.overwrite(), cycleSeed)
                .run(input.rows(), pool, progress.part(middle, to));
      }
    } finally {
      fresh.forEach(SoftPrompt::close);
    }
    return new EliminationOutcome(name(), settings.cycles() * settings.overwrite().steps(), loss);
  }

  private static List<SoftPrompt> simulate(
      CausalLm lm, EliminationInput input, Settings settings, long seed, Progress progress) {
    List<SoftPrompt> parrots = new ArrayList<>();
    int total = input.suspects().size() * settings.parrotLengths().size();
    List<InstructionRow> rows = input.rows();
    for (Suspect suspect : input.suspects()) {
      for (int length : settings.parrotLengths()) {
        ParrotSettings parrot =
            ParrotSettings.defaults(lm.config())
                .shaped(length, settings.parrotInitialStd())
                .atMost(settings.parrotSteps());
        int made = parrots.size();
        Progress part = progress.part((double) made / total, (made + 1.0) / total);
        parrots.add(
            ParrotTrainer.train(
                    lm, input.template(), rows, suspect.target(), parrot, seed * 31 + made, part)
                .soft());
      }
    }
    return parrots;
  }
}
