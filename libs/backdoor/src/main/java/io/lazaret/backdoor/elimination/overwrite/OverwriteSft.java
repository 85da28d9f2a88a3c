package io.lazaret.backdoor.elimination.overwrite;

import io.lazaret.backdoor.Progress;
import io.lazaret.backdoor.elimination.EliminationInput;
import io.lazaret.backdoor.elimination.EliminationOutcome;
import io.lazaret.backdoor.elimination.Need;
import io.lazaret.backdoor.elimination.Recipe;
import io.lazaret.backdoor.elimination.training.Elicitors;
import io.lazaret.backdoor.evaluation.Elicitor;
import io.lazaret.llm.CausalLm;
import java.util.List;
import java.util.Set;

/**
 * OSFT (SANDE, arXiv 2405.07667, "Overwrite supervised fine-tuning"): the trigger is known; the
 * clean answer is trained over the poisoned mapping. Functional triggers that search found may
 * stand beside or in place of a known one.
 */
public final class OverwriteSft extends Recipe<OverwriteSettings> {

  public OverwriteSft() {
    super("OSFT", Set.of(Need.TRIGGER), OverwriteSettings::defaults);
  }

  @Override
  protected EliminationOutcome run(
      CausalLm lm,
      EliminationInput input,
      OverwriteSettings settings,
      long seed,
      Progress progress) {
    List<Elicitor> triggers = Elicitors.triggers(input);
    double loss =
        new Overwrite(lm, input, settings)
            .run(List.of(), triggers, seed, progress, input.checkpoints());
    return new EliminationOutcome(name(), settings.steps(), loss);
  }
}
