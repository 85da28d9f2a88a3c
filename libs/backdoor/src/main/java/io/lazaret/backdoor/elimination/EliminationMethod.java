package io.lazaret.backdoor.elimination;

import io.lazaret.backdoor.Progress;
import io.lazaret.llm.CausalLm;
import io.lazaret.problem.ProblemException;
import java.util.Set;

/** A way to remove a backdoor. A new method is one recipe and one line in the registry. */
public interface EliminationMethod {

  /** Name in policies, events and reports. */
  String name();

  /** What the input must hold beside clean rows. */
  Set<Need> needs();

  /**
   * Removes what the input describes.
   *
   * @param lm changed in place; to be discarded when this throws
   * @param seed of all sampling; the same seed on the same device gives the same weights
   * @throws ProblemException as {@link EliminationInput#require}, and TOO_FEW_PROMPTS, before
   *     anything is trained; TRAINING_DIVERGED during training
   */
  EliminationOutcome eliminate(CausalLm lm, EliminationInput input, long seed, Progress progress);
}
