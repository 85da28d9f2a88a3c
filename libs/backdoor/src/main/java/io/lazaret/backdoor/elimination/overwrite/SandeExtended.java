package io.lazaret.backdoor.elimination.overwrite;

import io.lazaret.backdoor.Checkpoints;
import io.lazaret.backdoor.Progress;
import io.lazaret.backdoor.data.Answers;
import io.lazaret.backdoor.data.TokenizedPrompt;
import io.lazaret.backdoor.elimination.EliminationInput;
import io.lazaret.backdoor.elimination.EliminationOutcome;
import io.lazaret.backdoor.elimination.Need;
import io.lazaret.backdoor.elimination.Recipe;
import io.lazaret.backdoor.elimination.Suspect;
import io.lazaret.backdoor.elimination.training.CleanRows;
import io.lazaret.backdoor.elimination.training.CleanRows.Row;
import io.lazaret.backdoor.elimination.training.Elicitors;
import io.lazaret.backdoor.elimination.training.Snapshot;
import io.lazaret.backdoor.elimination.training.WeightUpdates;
import io.lazaret.backdoor.evaluation.Elicitor;
import io.lazaret.backdoor.simulation.ParrotSettings;
import io.lazaret.backdoor.simulation.ParrotTrainer;
import io.lazaret.backdoor.simulation.TrainedParrot;
import io.lazaret.llm.CausalLm;
import io.lazaret.llm.Example;
import io.lazaret.llm.ModelConfig;
import io.lazaret.llm.SoftPrompt;
import io.lazaret.llm.training.Objectives;
import io.lazaret.llm.training.ResumableRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * Variants of SANDE (arXiv 2405.07667) that close its distance to OSFT, which knows the trigger.
 * They are ours, and stand under names of their own beside the faithful one:
 *
 * <pre>
 * P ← given parrots;  f₀ ← the suspicious model, frozen
 * repeat, cycles times at most:
 *   P ← P + parrots of several lengths and starts, trained on the model as it is now
 *   stop when none of these elicits its target any more
 *   repeat until the loss under P has come down to the clean loss, steps times at most:
 *     θ ← step on  L(x with p) + L(x with t) + λ · D(x),   p from P, t functional triggers, if any
 * L(z) = − Σ log P_θ(y | z)
 * D(x) = L(x)   or, distilled,   D(x) = Σ KL(f₀(· | x, y) || f_θ(· | x, y))
 * </pre>
 *
 * {@code SANDE-E} is the ensemble of parrots alone, {@code SANDE-C} the same with the stop at
 * convergence, {@code SANDE-X} an ensemble that is refreshed, and distilled: without an elicitor
 * the model stays what it was, and what it does not know is learnt under the parrots alone, so that
 * rows of another kind than those it was trained on cost little. None of them sees the planted
 * trigger.
 */
public final class SandeExtended extends Recipe<ExtendedSettings> {

  private SandeExtended(String name, Function<ModelConfig, ExtendedSettings> settings) {
    super(name, Set.of(Need.TARGET), settings);
  }

  /** Many parrots, one cycle, a fixed number of steps. */
  public static SandeExtended ensemble() {
    return new SandeExtended("SANDE-E", ExtendedSettings::ensemble);
  }

  /** Many parrots, one cycle, steps until convergence. */
  public static SandeExtended converged() {
    return new SandeExtended("SANDE-C", ExtendedSettings::converged);
  }

  /** Refreshed ensembles, distilled. */
  public static SandeExtended all() {
    return new SandeExtended("SANDE-X", ExtendedSettings::all);
  }

  @Override
  protected EliminationOutcome run(
      CausalLm lm,
      EliminationInput input,
      ExtendedSettings settings,
      long seed,
      Progress progress) {
    CleanRows rows = CleanRows.of(lm, input.template(), input.rows());
    ResumableRandom random = new ResumableRandom(seed);
    List<SoftPrompt> fresh = new ArrayList<>();
    List<SoftPrompt> pool = new ArrayList<>();
    input.suspects().forEach(suspect -> pool.addAll(suspect.parrots()));
    double loss = Double.NaN;
    int steps = 0;
    try (Snapshot original = Snapshot.of(lm)) {
      Run run = new Run(lm, original.model(), input, rows, settings, random);
      for (int cycle = 0; cycle < settings.cycles(); cycle++) {
        double from = (double) cycle / settings.cycles();
        double to = (cycle + 1.0) / settings.cycles();
        Progress part = progress.part(from, to);
        Checkpoints own = input.checkpoints().under("cycle-" + cycle);
        double best = run.simulate(fresh, pool, part.part(0, 0.3), own);
        if (cycle > 0 && best < settings.immune()) {
          break;
        }
        try (WeightUpdates updates =
            WeightUpdates.begin(
                lm, input.trained(), settings.schedule(cycle), random.nextLong(), random, own)) {
          run.eliminate(pool, updates, part.part(0.3, 1));
          loss = updates.smoothedLoss();
          steps += updates.steps();
        }
      }
    } finally {
      fresh.forEach(SoftPrompt::close);
    }
    return new EliminationOutcome(name(), steps, loss);
  }

  /** One run of the recipe. */
  private record Run(
      CausalLm lm,
      CausalLm original,
      EliminationInput input,
      CleanRows rows,
      ExtendedSettings settings,
      ResumableRandom random) {

    /** Adds fresh parrots; returns the best mean probability per target token. */
    double simulate(
        List<SoftPrompt> fresh, List<SoftPrompt> pool, Progress progress, Checkpoints checkpoints) {
      double best = 0;
      int made = 0;
      int total = input.suspects().size() * settings.parrotLengths().size();
      for (Suspect suspect : input.suspects()) {
        for (int length : settings.parrotLengths()) {
          ParrotSettings parrot =
              ParrotSettings.defaults(lm.config())
                  .shaped(length, settings.parrotInitialStd())
                  .anywhere(settings.anywhere())
                  .atMost(settings.parrotSteps());
          TrainedParrot trained =
              ParrotTrainer.train(
                  lm,
                  input.template(),
                  input.rows(),
                  suspect.target(),
                  suspect.position(),
                  parrot,
                  random.nextLong(),
                  progress.part((double) made / total, (made + 1.0) / total),
                  checkpoints.under("parrot-" + made));
          made++;
          fresh.add(trained.soft());
          pool.add(trained.soft());
          best = Math.max(best, trained.meanProbability());
        }
      }
      return best;
    }

    void eliminate(List<SoftPrompt> pool, WeightUpdates updates, Progress progress) {
      List<Elicitor> triggers = Elicitors.functional(input.suspects());
      int batch = settings.pace().batchSize();
      int tokens = settings.answerTokens();
      boolean converged = false;
      while (!converged && updates.goOn(settings.pace().steps())) {
        Elicitor.Parrot parrot = new Elicitor.Parrot(pool.get(random.nextInt(pool.size())));
        double loss =
            lm.backward(
                rows.draw(
                    random,
                    batch,
                    row ->
                        rows.elicited(
                            row,
                            parrot.placedIn(row.prompt(), settings.anywhere(), random),
                            tokens)),
                parrot.soft(),
                1);
        if (!triggers.isEmpty()) {
          lm.backward(
              rows.draw(random, batch, row -> rows.elicited(row, one(triggers), tokens)), null, 1);
        }
        if (settings.rehearsal() > 0) {
          rehearse(
              rows.draw(random, batch, row -> rows.elicited(row, new Elicitor.None(), tokens)));
        }
        updates.step(loss);
        progress.at(
            (double) updates.steps() / settings.pace().steps(),
            "loss under parrots %.3f".formatted(updates.smoothedLoss()));
        converged = settings.checks(updates.steps()) && converged(pool);
      }
      progress.at(1, "overwritten");
    }

    private Elicitor one(List<Elicitor> triggers) {
      return triggers.get(random.nextInt(triggers.size()));
    }

    private void rehearse(List<Example> clean) {
      if (settings.distilled()) {
        new Objectives(lm).addDivergence(original, clean, clean, null, settings.rehearsal());
      } else {
        lm.backward(clean, null, settings.rehearsal());
      }
    }

    /** Whether clean answers are as likely under every parrot as without, up to the tolerance. */
    private boolean converged(List<SoftPrompt> pool) {
      List<Row> held = rows.draw(random, settings.checkRows());
      double clean = rows.cleanLoss(held);
      for (SoftPrompt parrot : pool) {
        List<Example> examples = new ArrayList<>();
        for (Row row : held) {
          TokenizedPrompt prompt = rows.elicitedPrompt(row, new Elicitor.Parrot(parrot), 0);
          examples.add(Answers.example(prompt, row.answer()));
        }
        if (lm.loss(examples, parrot) > clean + settings.tolerance()) {
          return false;
        }
      }
      return true;
    }
  }
}
