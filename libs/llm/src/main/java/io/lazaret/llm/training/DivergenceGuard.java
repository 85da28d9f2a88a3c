package io.lazaret.llm.training;

import io.lazaret.problem.ProblemException;

/**
 * Ends a training run whose loss has risen for good. The loss is smoothed exponentially; when it
 * stays a margin above its lowest value for some steps on end, the run has diverged. Gradients that
 * are not finite end a run by themselves, without a guard.
 */
public final class DivergenceGuard {

  /**
   * When a run has diverged.
   *
   * @param smoothing part of the old value in the smoothed loss, 0 to below 1
   * @param margin nats above the lowest smoothed loss
   * @param patience steps on end above the margin
   */
  public record Settings(double smoothing, double margin, int patience) {

    public Settings {
      if (!(smoothing >= 0 && smoothing < 1) || !(margin > 0) || patience < 1) {
        throw new IllegalArgumentException(
            "smoothing " + smoothing + ", margin " + margin + ", patience " + patience);
      }
    }

    /** 0.9, 3 nats, 20 steps. */
    public static Settings standard() {
      return new Settings(0.9, 3, 20);
    }
  }

  private final Settings settings;
  private double smoothed = Double.NaN;
  private double lowest = Double.POSITIVE_INFINITY;
  private int above;

  public DivergenceGuard(Settings settings) {
    this.settings = settings;
  }

  /**
   * Takes note of a step's loss, before the weights are changed.
   *
   * @return the loss
   * @throws ProblemException {@code TRAINING_DIVERGED}
   */
  public double check(double loss) {
    TrainingProblems.requireFinite(loss);
    smoothed =
        Double.isNaN(smoothed)
            ? loss
            : settings.smoothing() * smoothed + (1 - settings.smoothing()) * loss;
    lowest = Math.min(lowest, smoothed);
    above = smoothed > lowest + settings.margin() ? above + 1 : 0;
    if (above >= settings.patience()) {
      throw TrainingProblems.diverged(
          "The loss has risen from %.3f to %.3f and stayed there for %d steps."
              .formatted(lowest, smoothed, above));
    }
    return loss;
  }
}
