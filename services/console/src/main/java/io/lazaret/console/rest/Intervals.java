package io.lazaret.console.rest;

/** Confidence intervals of proportions. */
final class Intervals {

  /** Standard normal quantile of 0.975. */
  private static final double Z = 1.959963984540054;

  private Intervals() {}

  /**
   * The two-sided 95 % score interval of Wilson, JASA 22 (1927), 209-212.
   *
   * @param hits of n; need not be whole
   * @return lower and upper bound; 0 and 1 where nothing was measured
   */
  static double[] wilson(double hits, int n) {
    if (n <= 0) {
      return new double[] {0, 1};
    }
    double rate = Math.min(1, Math.max(0, hits / n));
    double square = Z * Z / n;
    double centre = (rate + square / 2) / (1 + square);
    double half = Z / (1 + square) * Math.sqrt(rate * (1 - rate) / n + square / (4 * n));
    return new double[] {Math.max(0, centre - half), Math.min(1, centre + half)};
  }
}
