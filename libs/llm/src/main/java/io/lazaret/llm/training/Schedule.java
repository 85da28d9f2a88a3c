package io.lazaret.llm.training;

import java.util.function.DoubleUnaryOperator;

/** Learning rate by step, counted from 0. */
@FunctionalInterface
public interface Schedule {

  /** Learning rate of a step. */
  double at(int step);

  /** Always the same rate. */
  static Schedule constant(double rate) {
    return step -> rate;
  }

  /** Linear warm-up to the rate, then always the same; parameters as in {@link #cosine}. */
  static Schedule constant(double rate, int steps, double warmupFraction) {
    return warmUp(rate, steps, warmupFraction, progress -> 1);
  }

  /**
   * Linear warm-up to the peak, then half a cosine down to zero after the last step.
   *
   * @param peak highest rate
   * @param steps number of steps in all
   * @param warmupFraction part of the steps that warm up, 0 to 1
   */
  static Schedule cosine(double peak, int steps, double warmupFraction) {
    return warmUp(
        peak, steps, warmupFraction, progress -> 0.5 * (1 + StrictMath.cos(Math.PI * progress)));
  }

  /** Linear warm-up to the peak, then linear to zero; parameters as in {@link #cosine}. */
  static Schedule linear(double peak, int steps, double warmupFraction) {
    return warmUp(peak, steps, warmupFraction, progress -> 1 - progress);
  }

  private static Schedule warmUp(
      double peak, int steps, double warmupFraction, DoubleUnaryOperator decay) {
    if (steps < 1 || !(warmupFraction >= 0 && warmupFraction <= 1)) {
      throw new IllegalArgumentException("steps " + steps + ", warm-up fraction " + warmupFraction);
    }
    int warmup = (int) Math.round(steps * warmupFraction);
    return step -> {
      if (step < warmup) {
        return peak * (step + 1) / warmup;
      }
      double progress = (double) (step - warmup) / Math.max(1, steps - warmup);
      return peak * decay.applyAsDouble(Math.min(1, progress));
    };
  }
}
