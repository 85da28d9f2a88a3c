package io.lazaret.backdoor.elimination.baseline;

import io.lazaret.backdoor.Checkpoints;
import io.lazaret.backdoor.Progress;
import io.lazaret.backdoor.elimination.EliminationInput;
import io.lazaret.backdoor.elimination.EliminationOutcome;
import io.lazaret.backdoor.elimination.Recipe;
import io.lazaret.backdoor.elimination.training.CleanRows;
import io.lazaret.backdoor.elimination.training.Pace;
import io.lazaret.backdoor.elimination.training.Trained;
import io.lazaret.backdoor.elimination.training.WeightUpdates;
import io.lazaret.llm.CausalLm;
import io.lazaret.llm.Example;
import io.lazaret.llm.training.ResumableRandom;
import java.util.List;
import java.util.Set;

/**
 * Supervised fine-tuning on clean pairs, L(θ) = − Σ log P_θ(y | x), the first baseline of the SANDE
 * paper (arXiv 2405.07667, section "Baselines"). Known to leave the backdoor where it is.
 */
public final class Sft extends Recipe<Pace> {

  public Sft() {
    super("SFT", Set.of(), Pace::paper);
  }

  @Override
  protected EliminationOutcome run(
      CausalLm lm, EliminationInput input, Pace pace, long seed, Progress progress) {
    CleanRows rows = CleanRows.of(lm, input.template(), input.rows());
    double loss = train(lm, input.trained(), input.checkpoints(), rows, pace, seed, progress);
    return new EliminationOutcome(name(), pace.steps(), loss);
  }

  /** The loop, also the last part of methods that end with it; returns the smoothed loss. */
  public static double train(
      CausalLm lm,
      Trained trained,
      Checkpoints checkpoints,
      CleanRows rows,
      Pace pace,
      long seed,
      Progress progress) {
    ResumableRandom random = new ResumableRandom(seed);
    try (WeightUpdates updates =
        WeightUpdates.begin(lm, trained, pace.schedule(), seed, random, checkpoints)) {
      while (updates.goOn(pace.steps())) {
        List<Example> batch = CleanRows.clean(rows.draw(random, pace.batchSize()));
        updates.step(lm.backward(batch, null, 1.0));
        progress.at(
            (double) updates.steps() / pace.steps(),
            "clean loss %.3f".formatted(updates.smoothedLoss()));
      }
      return updates.smoothedLoss();
    }
  }
}
