package io.lazaret.backdoor.elimination;

import io.lazaret.backdoor.Progress;
import io.lazaret.backdoor.evaluation.Elicitor;
import io.lazaret.llm.CausalLm;
import io.lazaret.problem.ProblemException;
import java.util.List;

/**
 * SANDE stage 2 (arXiv 2405.07667, "Eliminate"): OSFT with the trained parrot in the place of the
 * unknown trigger; the parrot is frozen, all weights are trained. With parrots trained on a
 * fragment of the response this is SANDE-P: the recipe is the same, the parrots differ.
 */
public final class Sande implements EliminationMethod {

  private final String name;

  private Sande(String name) {
    this.name = name;
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
  public String name() {
    return name;
  }

  @Override
  public EliminationOutcome eliminate(
      CausalLm lm, EliminationInput input, long seed, Progress progress) {
    List<Elicitor.Parrot> parrots = Elicitors.parrots(input.suspects());
    if (parrots.isEmpty()) {
      throw ProblemException.of(
          "NO_PARROT",
          name + " overwrites on parrots, and none was given.",
          "Run simulation first.");
    }
    OverwriteSettings settings = OverwriteSettings.defaults(lm.config());
    double loss =
        new Overwrite(lm, input.template(), input.rows(), settings)
            .run(parrots, List.of(), seed, progress);
    return new EliminationOutcome(name, settings.steps(), loss);
  }
}
