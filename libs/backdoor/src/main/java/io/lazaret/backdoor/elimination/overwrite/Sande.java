package io.lazaret.backdoor.elimination.overwrite;

import io.lazaret.backdoor.Progress;
import io.lazaret.backdoor.elimination.EliminationInput;
import io.lazaret.backdoor.elimination.EliminationMethod;
import io.lazaret.backdoor.elimination.EliminationOutcome;
import io.lazaret.backdoor.elimination.Need;
import io.lazaret.backdoor.elimination.training.Elicitors;
import io.lazaret.backdoor.evaluation.Elicitor;
import io.lazaret.llm.CausalLm;
import io.lazaret.llm.ModelConfig;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * SANDE stage 2 (arXiv 2405.07667, "Eliminate"): OSFT with the trained parrot in the place of the
 * unknown trigger; the parrot is frozen, all weights are trained. With parrots trained on a
 * fragment of the response this is SANDE-P: the recipe is the same, the parrots differ.
 */
public final class Sande implements EliminationMethod {

  private final String name;
  private final Function<ModelConfig, OverwriteSettings> settings;

  private Sande(String name, Function<ModelConfig, OverwriteSettings> settings) {
    this.name = name;
    this.settings = settings;
  }

  /** Parrots were trained on the whole response. */
  public static Sande whole() {
    return new Sande("SANDE", OverwriteSettings::paper);
  }

  /** Parrots were trained on a fragment of the response. */
  public static Sande partial() {
    return new Sande("SANDE-P", OverwriteSettings::paper);
  }

  /** The same with other settings. */
  public Sande with(OverwriteSettings other) {
    return new Sande(name, config -> other);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Set<Need> needs() {
    return Set.of(Need.PARROT);
  }

  @Override
  public EliminationOutcome eliminate(
      CausalLm lm, EliminationInput input, long seed, Progress progress) {
    input.require(this, lm);
    List<Elicitor.Parrot> parrots = Elicitors.parrots(input);
    OverwriteSettings used = settings.apply(lm.config());
    double loss =
        new Overwrite(lm, input, used).run(parrots, List.of(), seed, progress, input.checkpoints());
    return new EliminationOutcome(name, used.steps(), loss);
  }
}
