package io.lazaret.backdoor.elimination.repair;

import java.util.Arrays;

/** Picks what stands out, layer by layer. */
final class Outliers {

  /** Makes the median absolute deviation of a normal sample its standard deviation. */
  private static final double NORMAL = 1.4826;

  private Outliers() {}

  /**
   * The units whose robust z is above the threshold; of these, in every layer, at most a share of
   * the units, those of the highest scores.
   */
  static boolean[][] above(double[][] scores, double threshold, double cap) {
    boolean[][] chosen = new boolean[scores.length][];
    for (int layer = 0; layer < scores.length; layer++) {
      double[] s = scores[layer];
      double median = median(s);
      double[] deviations = new double[s.length];
      Arrays.setAll(deviations, j -> Math.abs(s[j] - median));
      double spread = NORMAL * median(deviations);
      double[] sorted = s.clone();
      Arrays.sort(sorted);
      int most = (int) Math.floor(cap * s.length);
      double least = most == 0 ? Double.POSITIVE_INFINITY : sorted[s.length - most];
      chosen[layer] = new boolean[s.length];
      for (int j = 0; j < s.length; j++) {
        chosen[layer][j] = s[j] >= least && s[j] - median > threshold * spread;
      }
    }
    return chosen;
  }

  /** The share of units with a smaller score: [layers][n], 0 to 1. */
  static double[][] ranks(double[][] scores) {
    double[][] ranks = new double[scores.length][];
    for (int layer = 0; layer < scores.length; layer++) {
      double[] s = scores[layer];
      double[] sorted = s.clone();
      Arrays.sort(sorted);
      ranks[layer] = new double[s.length];
      for (int j = 0; j < s.length; j++) {
        int below = Arrays.binarySearch(sorted, s[j]);
        ranks[layer][j] = (double) below / s.length;
      }
    }
    return ranks;
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
