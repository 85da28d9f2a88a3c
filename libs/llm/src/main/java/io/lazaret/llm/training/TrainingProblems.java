package io.lazaret.llm.training;

import io.lazaret.problem.Problem;
import io.lazaret.problem.ProblemException;

/** Names of what ends a training run. */
public final class TrainingProblems {

  static final String OUT_OF_MEMORY = "OUT_OF_MEMORY";

  private TrainingProblems() {}

  /**
   * @throws ProblemException {@code TRAINING_DIVERGED} for a loss that is not finite
   */
  public static double requireFinite(double loss) {
    if (!Double.isFinite(loss)) {
      throw diverged("The loss is " + loss + "; its gradients were dropped.");
    }
    return loss;
  }

  /** The problem {@code TRAINING_DIVERGED}, told by {@code sentence}. */
  public static ProblemException diverged(String sentence) {
    return ProblemException.of(
        "TRAINING_DIVERGED",
        sentence,
        "Go on from the last saved state with a lower learning rate, or check the training data.");
  }

  /** Says what training can change about a lack of memory; other problems stay as they are. */
  public static ProblemException named(ProblemException e) {
    if (!e.problem().code().equals(OUT_OF_MEMORY)) {
      return e;
    }
    return new ProblemException(
        Problem.passing(
            OUT_OF_MEMORY,
            "A training pass found no memory; its gradients were dropped and nothing was changed.",
            "Use a smaller micro-batch, gradient checkpointing or a smaller loss chunk, or train"
                + " adapters instead of all weights."),
        e);
  }
}
