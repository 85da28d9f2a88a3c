package io.lazaret.backdoor.elimination.overwrite;

import io.lazaret.backdoor.Checkpoints;
import io.lazaret.backdoor.Progress;
import io.lazaret.backdoor.elimination.EliminationInput;
import io.lazaret.backdoor.elimination.training.CleanRows;
import io.lazaret.backdoor.elimination.training.Trained;
import io.lazaret.backdoor.elimination.training.WeightUpdates;
import io.lazaret.backdoor.evaluation.Elicitor;
import io.lazaret.llm.CausalLm;
import io.lazaret.llm.Example;
import io.lazaret.llm.training.ResumableRandom;
import io.lazaret.problem.ProblemException;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Overwrite supervised fine-tuning, the step that OSFT and SANDE share: minimises
 *
 * <pre>L(θ) = − Σ log P_θ(y | x with p) − Σ log P_θ(y | x with t) − λ · Σ log P_θ(y | x)</pre>
 *
 * where p is a parrot drawn anew for each update, and t a token string drawn anew for each row
 * (SANDE, arXiv 2405.07667: L_OSFT, and stage 2 with the parrot in place of the trigger). OSFT has
 * no parrots, SANDE no token strings, and both λ = 0. No elicitor is trained.
 */
final class Overwrite {

  private final CausalLm lm;
  private final Trained trained;
  private final OverwriteSettings settings;
  private final CleanRows rows;

  /**
   * @throws ProblemException TOO_FEW_PROMPTS when no row fits into the model's context
   */
  Overwrite(CausalLm lm, EliminationInput input, OverwriteSettings settings) {
    this.lm = lm;
    this.settings = settings;
    this.rows = CleanRows.of(lm, input.template(), input.rows());
    this.trained = input.trained();
  }

  /** Runs the schedule once; returns the smoothed loss of the elicited rows, nats per token. */
  double run(
      List<Elicitor.Parrot> parrots,
      List<? extends Elicitor> triggers,
      long seed,
      Progress progress,
      Checkpoints checkpoints) {
    ResumableRandom random = new ResumableRandom(seed);
    int batch = settings.batchSize();
    int answer = settings.answerTokens();
    try (WeightUpdates updates =
        WeightUpdates.begin(lm, trained, settings.schedule(), seed, random, checkpoints)) {
      while (updates.goOn(settings.steps())) {
        double loss = 0;
        if (!parrots.isEmpty()) {
          Elicitor.Parrot parrot = parrots.get(random.nextInt(parrots.size()));
          List<Example> examples =
              rows.draw(
                  random,
                  batch,
                  row ->
                      rows.elicited(
                          row, parrot.placedIn(row.prompt(), settings.anywhere(), random), answer));
          loss += lm.backward(examples, parrot.soft(), 1.0);
        }
        if (!triggers.isEmpty()) {
          List<Example> examples =
              rows.draw(random, batch, row -> rows.elicited(row, one(triggers, random), answer));
          loss += lm.backward(examples, null, 1.0);
        }
        if (settings.rehearsal() > 0) {
          List<Example> examples = rows.draw(random, batch, CleanRows::clean);
          lm.backward(examples, null, settings.rehearsal());
        }
        updates.step(loss);
        progress.at(
            (double) updates.steps() / settings.steps(),
            "overwrite loss %.3f".formatted(updates.smoothedLoss()));
      }
      return updates.smoothedLoss();
    }
  }

  private static Elicitor one(List<? extends Elicitor> triggers, RandomGenerator random) {
    return triggers.get(random.nextInt(triggers.size()));
  }
}
