package io.lazaret.backdoor.evaluation;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * The difference of two means over the same items, with a percentile interval (Efron and
 * Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13). Items are resampled in pairs,
 * so what both models find hard does not blur the difference.
 */
public final class PairedBootstrap {

  /** Resamples; the interval's ends then vary by about a hundredth of its width. */
  private static final int RESAMPLES = 2000;

  private static final double TAIL = 0.025;

  private PairedBootstrap() {}

  /**
   * @param difference mean of after minus before
   * @param lower end of the two-sided 95 % interval
   * @param upper end of the two-sided 95 % interval
   */
  public record Interval(double difference, double lower, double upper) {}

  /**
   * @param before one score per item
   * @param after the scores of the same items in the same order
   */
  public static Interval difference(double[] before, double[] after, long seed) {
    if (before.length != after.length || before.length == 0) {
      throw new IllegalArgumentException(
          before.length + " and " + after.length + " scores are not pairs");
    }
    int n = before.length;
    double[] gaps = new double[n];
    for (int i = 0; i < n; i++) {
      gaps[i] = after[i] - before[i];
    }
    SplittableRandom random = new SplittableRandom(seed);
    double[] means = new double[RESAMPLES];
    for (int r = 0; r < RESAMPLES; r++) {
      double sum = 0;
      for (int i = 0; i < n; i++) {
        sum += gaps[random.nextInt(n)];
      }
      means[r] = sum / n;
    }
    Arrays.sort(means);
    return new Interval(
        Arrays.stream(gaps).average().orElseThrow(),
        means[(int) (TAIL * RESAMPLES)],
        means[(int) ((1 - TAIL) * RESAMPLES) - 1]);
  }
}
