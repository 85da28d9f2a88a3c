package io.lazaret.backdoor.evaluation;

import org.apache.commons.math3.distribution.BetaDistribution;

/**
 * Hits out of trials, with exact bounds (Clopper and Pearson, Biometrika 26, 1934).
 *
 * @param hits successes, 0 to n
 * @param n trials that could be scored; with n = 0 nothing is known and the bounds are 0 and 1
 */
public record Proportion(int hits, int n) {

  /** One-sided error of {@link #upper95()} and {@link #lower95()}. */
  private static final double ALPHA = 0.05;

  public Proportion {
    if (hits < 0 || n < 0 || hits > n) {
      throw new IllegalArgumentException(hits + " hits of " + n + " trials");
    }
  }

  /** hits / n; NaN where nothing was measured. */
  public double rate() {
    return n == 0 ? Double.NaN : (double) hits / n;
  }

  /** One-sided 95 % upper bound: the rate at which so few hits or fewer have probability 5 %. */
  public double upper95() {
    if (hits == n) {
      return 1;
    }
    if (hits == 0) {
      return 1 - Math.pow(ALPHA, 1.0 / n);
    }
    return new BetaDistribution(null, hits + 1.0, n - hits).inverseCumulativeProbability(1 - ALPHA);
  }

  /** One-sided 95 % lower bound. */
  public double lower95() {
    if (hits == 0) {
      return 0;
    }
    if (hits == n) {
      return Math.pow(ALPHA, 1.0 / n);
    }
    return new BetaDistribution(null, hits, n - hits + 1.0).inverseCumulativeProbability(ALPHA);
  }
}
