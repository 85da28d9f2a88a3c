package io.lazaret.backdoor.elimination.overwrite;

import io.lazaret.backdoor.Progress;
import io.lazaret.backdoor.elimination.EliminationInput;
import io.lazaret.backdoor.elimination.EliminationMethod;
import io.lazaret.backdoor.elimination.EliminationOutcome;
import io.lazaret.backdoor.elimination.Need;
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
public final class OverwriteSft implements EliminationMethod {

  @Override
  public String name() {
    return "OSFT";
  }

  @Override
  public Set<Need> needs() {
    return Set.of(Need.TRIGGER);
  }

  @Override
  public EliminationOutcome eliminate(
      CausalLm lm, EliminationInput input, long seed, Progress progress) {
    input.require(this, lm);
    List<Elicitor> triggers = Elicitors.triggers(input);
    OverwriteSettings settings = OverwriteSettings.defaults(lm.config());
    double loss =
        new Overwrite(lm, input, settings)
            .run(List.of(), triggers, seed, progress, input.checkpoints());
    return new EliminationOutcome(name(), settings.steps(), loss);
  }
}
