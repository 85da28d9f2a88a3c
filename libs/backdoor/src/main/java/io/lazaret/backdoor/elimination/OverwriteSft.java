package io.lazaret.backdoor.elimination;

import io.lazaret.backdoor.Progress;
import io.lazaret.backdoor.evaluation.Elicitor;
import io.lazaret.llm.CausalLm;
import io.lazaret.problem.ProblemException;
import java.util.ArrayList;
import java.util.List;

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
  public EliminationOutcome eliminate(
      CausalLm lm, EliminationInput input, long seed, Progress progress) {
    List<Elicitor> triggers = new ArrayList<>();
    input.knownTriggers().forEach(trigger -> triggers.add(new Elicitor.Text(trigger)));
    triggers.addAll(Elicitors.functional(input.suspects()));
    if (triggers.isEmpty()) {
      throw ProblemException.of(
          "NO_TRIGGER",
          "OSFT overwrites on triggers, and none is known or was found.",
          "Use SANDE, which needs only the response segment, or give a trigger.");
    }
    OverwriteSettings settings = OverwriteSettings.defaults(lm.config());
    double loss =
        new Overwrite(lm, input.template(), input.rows(), settings)
            .run(List.of(), triggers, seed, progress);
    return new EliminationOutcome(name(), settings.steps(), loss);
  }
}
