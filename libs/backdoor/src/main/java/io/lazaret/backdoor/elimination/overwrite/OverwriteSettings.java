package io.lazaret.backdoor.elimination.overwrite;

import io.lazaret.backdoor.elimination.training.Bounds;
import io.lazaret.backdoor.elimination.training.Pace;
import io.lazaret.llm.ModelConfig;
import io.lazaret.llm.training.Schedule;

/**
 * Settings of overwrite fine-tuning.
 *
 * @param learningRate peak of the cosine schedule; the paper uses 2e-5 for 4 to 7 billion weights
 * @param steps weight updates
 * @param batchSize rows per update and term of the loss
 * @param warmupFraction share of the steps with rising learning rate
 * @param answerTokens loss on the first so many answer tokens of elicited rows; only the start of
 *     the answer has to be changed, and the rest costs utility
 * @param rehearsal weight λ of the loss on rows without any elicitor; the paper uses 0
 * @param anywhere share of the rows whose parrot stands before a token of the user text at random
 *     instead of where it was trained, 0 to 1; the paper uses 0
 */
public record OverwriteSettings(
    double learningRate,
    int steps,
    int batchSize,
    double warmupFraction,
    int answerTokens,
    double rehearsal,
    double anywhere) {

  public OverwriteSettings {
    Bounds.positive("learningRate", learningRate);
    Bounds.positive("steps", steps);
    Bounds.positive("batchSize", batchSize);
    Bounds.share("warmupFraction", warmupFraction);
    Bounds.positive("answerTokens", answerTokens);
    Bounds.notNegative("rehearsal", rehearsal);
    Bounds.share("anywhere", anywhere);
  }

  /** A short budget, with the learning rate fitted to the size of the model. */
  public static OverwriteSettings defaults(ModelConfig config) {
    return at(Pace.defaults(config));
  }

  /** The paper's settings, with the learning rate fitted to the size of the model. */
  public static OverwriteSettings paper(ModelConfig config) {
    return at(Pace.paper(config));
  }

  private static OverwriteSettings at(Pace pace) {
    return new OverwriteSettings(
        pace.learningRate(), pace.steps(), pace.batchSize(), pace.warmupFraction(), 10, 0, 0);
  }

  Schedule schedule() {
    return Schedule.cosine(learningRate, steps, warmupFraction);
  }

  /** The same with another learning rate. */
  public OverwriteSettings withLearningRate(double otherRate) {
    return with(otherRate, steps, rehearsal, anywhere);
  }

  /** The same with rehearsal weight λ. */
  public OverwriteSettings withRehearsal(double lambda) {
    return with(learningRate, steps, lambda, anywhere);
  }

  /** The same with this share of the rows holding their parrot anywhere. */
  public OverwriteSettings withParrotsAnywhere(double share) {
    return with(learningRate, steps, rehearsal, share);
  }

  /** The same with another number of updates. */
  public OverwriteSettings withSteps(int otherSteps) {
    return with(learningRate, otherSteps, rehearsal, anywhere);
  }

  private OverwriteSettings with(
      double newRate, int newSteps, double newRehearsal, double newAnywhere) {
    return new OverwriteSettings(
        newRate, newSteps, batchSize, warmupFraction, answerTokens, newRehearsal, newAnywhere);
  }
}
