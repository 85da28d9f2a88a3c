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
 * SANDE stage 2 (arXiv 2405.07667, "Eliminate"): OSFT with the trained parrot in the place of the
 * unknown trigger; the parrot is frozen, all weights are trained. With parrots trained on a
 * fragment of the response this is SANDE-P: the recipe is the same, the parrots differ.
 */
public final class Sande extends Recipe<OverwriteSettings> {

  private Sande(String name) {
    super(name, Set.of(Need.PARROT), OverwriteSettings::paper);
  }

  /** Parrots were trained on the whole response. */
  public static Sande whole() {
    return new Sande("SANDE");
  }

  /** Parrots were trained on a fragment of the response. */
  public static Sande partial() {
    return new Sande("SANDE-P");
  }

  @Override
  protected EliminationOutcome run(
      CausalLm lm,
      EliminationInput input,
      OverwriteSettings settings,
      long seed,
      Progress progress) {
    List<Elicitor.Parrot> parrots = Elicitors.parrots(input);
    double loss =
        new Overwrite(lm, input, settings)
            .run(parrots, List.of(), seed, progress, input.checkpoints());
    return new EliminationOutcome(name(), settings.steps(), loss);
  }
}
