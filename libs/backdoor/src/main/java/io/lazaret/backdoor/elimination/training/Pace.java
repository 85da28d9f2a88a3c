package io.lazaret.backdoor.elimination.training;

import io.lazaret.llm.ModelConfig;
import io.lazaret.llm.training.Schedule;

/**
 * How fast and how long weights are trained.
 *
 * @param learningRate peak of the cosine schedule
 * @param steps weight updates
 * @param batchSize rows per update and term of the loss
 * @param warmupFraction share of the steps with rising learning rate, 0 to 1
 */
public record Pace(double learningRate, int steps, int batchSize, double warmupFraction) {

  /** Up to this hidden size a model needs, and bears, ten times the learning rate. */
  private static final int SMALL_HIDDEN_SIZE = 512;

  public Pace {
    Bounds.positive("learningRate", learningRate);
    Bounds.positive("steps", steps);
    Bounds.positive("batchSize", batchSize);
    Bounds.share("warmupFraction", warmupFraction);
  }

  /**
   * 2e-5 with 3 % warm-up, the rate of the SANDE paper for 4 to 7 billion weights, ten times that
   * for small models; 150 updates of 16 rows.
   */
  public static Pace defaults(ModelConfig config) {
    return new Pace(small(config) ? 2e-4 : 2e-5, 150, 16, 0.03);
  }

  /**
   * The budget of the SANDE paper: two passes over 10 000 rows, at the rate at which the model was
   * fine-tuned: 2e-5 there, 1e-3 for the small models of the testbed.
   */
  public static Pace paper(ModelConfig config) {
    return new Pace(small(config) ? 1e-3 : 2e-5, 1250, 16, 0.03);
  }

  /** Whether the model is of the size for which presets are scaled up. */
  public static boolean small(ModelConfig config) {
    return config.hiddenSize() <= SMALL_HIDDEN_SIZE;
  }

  /** The same with the rate multiplied. */
  public Pace times(double factor) {
    return new Pace(learningRate * factor, steps, batchSize, warmupFraction);
  }

  /** The same with another number of updates. */
  public Pace withSteps(int otherSteps) {
    return new Pace(learningRate, otherSteps, batchSize, warmupFraction);
  }

  /** The cosine schedule with warm-up. */
  public Schedule schedule() {
    return Schedule.cosine(learningRate, steps, warmupFraction);
  }
}
