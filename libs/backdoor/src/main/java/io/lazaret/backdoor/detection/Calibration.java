package io.lazaret.backdoor.detection;

import java.util.Arrays;

/**
 * How a segment's figures become one score. All of them are relative to the model at hand: its
 * other chains, its own probabilities.
 */
public final class Calibration {

  /** Makes a median absolute deviation a standard deviation under normality. */
  private static final double NORMAL = 1.4826;

  /** Least spread of controls that counts, nats per token. */
  private static final double SPREAD = 0.25;

  private Calibration() {}

  /**
   * Robust distance of a score from its controls: (score - median) / (1.4826 MAD); 0 without
   * controls.
   */
  public static double distance(double score, double[] controls) {
    if (controls.length == 0) {
      return 0;
    }
    double middle = median(controls);
    double[] deviations = Arrays.stream(controls).map(c -> Math.abs(c - middle)).toArray();
    return (score - middle) / Math.max(SPREAD, NORMAL * median(deviations));
  }

  /**
   * Combined score, 0 to 1, of a segment.
   *
   * @param byLength held-out activation under triggers of one, two, … tokens
   * @param z its distance from controls
   * @param memory mean log-probability of its later tokens without a trigger
   */
  public static double suspicion(double[] byLength, double z, double memory) {
    double best = Arrays.stream(byLength).max().orElse(-30);
    double x = 4 * (best + 1.0);
    return 1 / (1 + Math.exp(-x));
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
}
