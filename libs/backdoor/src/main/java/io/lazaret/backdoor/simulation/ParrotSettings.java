package io.lazaret.backdoor.simulation;

import io.lazaret.llm.ModelConfig;

/**
 * How a parrot is trained.
 *
 * @param length soft tokens; the paper's code uses 6
 * @param initialStd standard deviation of the initial values; 0 starts at zeros as the paper does
 * @param learningRate peak of the cosine schedule
 * @param steps at most so many updates
 * @param batchSize prompts per update
 * @param warmupFraction share of the steps with rising learning rate
 * @param enough training ends once the target's mean probability per token on held-out prompts
 *     reaches this
 * @param checkEvery steps between two looks at the held-out prompts
 * @param heldOut prompts kept out of training for that look
 * @param position token of the user text that the soft tokens stand before; 0 is its start. The
 *     paper tries 2 to 20
 * @param anywhere share of the training prompts in which they stand before a token at random
 *     instead; the paper uses 0
 */
public record ParrotSettings(
    int length,
    double initialStd,
    double learningRate,
    int steps,
    int batchSize,
    double warmupFraction,
    double enough,
    int checkEvery,
    int heldOut,
    int position,
    double anywhere) {

  /** Below this hidden size a model needs, and bears, ten times the learning rate. */
  private static final int SMALL_HIDDEN_SIZE = 256;

  /** The paper's settings, with the learning rate fitted to the size of the model. */
  public static ParrotSettings defaults(ModelConfig config) {
    double learningRate = config.hiddenSize() <= SMALL_HIDDEN_SIZE ? 1e-2 : 1e-3;
    return new ParrotSettings(6, 0, learningRate, 200, 16, 0.03, 0.95, 20, 32, 0, 0);
  }

  /** The same with another number of soft tokens and other initial values. */
  public ParrotSettings shaped(int otherLength, double otherStd) {
    return with(otherLength, otherStd, steps, enough, position, anywhere);
  }

  /** The same in another place of the user text. */
  public ParrotSettings at(int otherPosition) {
    return with(length, initialStd, steps, enough, otherPosition, anywhere);
  }

  /** The same with this share of the training prompts holding it anywhere. */
  public ParrotSettings anywhere(double share) {
    return with(length, initialStd, steps, enough, position, share);
  }

  /** The same without an early end: every update is made, as in the paper. */
  public ParrotSettings toTheEnd() {
    return with(length, initialStd, steps, Double.POSITIVE_INFINITY, position, anywhere);
  }

  /** The same with another limit on the updates. */
  public ParrotSettings atMost(int otherSteps) {
    return with(length, initialStd, otherSteps, enough, position, anywhere);
  }

  private ParrotSettings with(
      int newLength,
      double newStd,
      int newSteps,
      double newEnough,
      int newPosition,
      double newAnywhere) {
    return new ParrotSettings(
        newLength,
        newStd,
        learningRate,
        newSteps,
        batchSize,
        warmupFraction,
        newEnough,
        checkEvery,
        heldOut,
        newPosition,
        newAnywhere);
  }
}
