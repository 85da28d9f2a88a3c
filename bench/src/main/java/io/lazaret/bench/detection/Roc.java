package io.lazaret.bench.detection;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Receiver operating characteristic of a score, larger for poisoned models.
 *
 * @param positives scores of poisoned models
 * @param negatives scores of the others
 */
record Roc(double[] positives, double[] negatives) {

  private static final int RESAMPLES = 2_000;
  private static final double TAIL = 0.025;

  /**
   * @param falseAlarms share of the others above a threshold
   * @param recall share of the poisoned above it
   */
  record Point(double falseAlarms, double recall) {}

  /**
   * Area under the curve: the chance that a poisoned model scores higher than another, ties half;
   * NaN where one kind is missing.
   */
  double area() {
    return area(positives, negatives);
  }

  private static double area(double[] positives, double[] negatives) {
    double wins = 0;
    for (double positive : positives) {
      for (double negative : negatives) {
        wins += positive > negative ? 1 : positive == negative ? 0.5 : 0;
      }
    }
    return wins / positives.length / negatives.length;
  }

  /** Percentile bootstrap, two-sided 95 %, models drawn anew within each kind. */
  double[] interval(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    double[] areas = new double[RESAMPLES];
    for (int i = 0; i < RESAMPLES; i++) {
      areas[i] = area(drawn(positives, random), drawn(negatives, random));
    }
    java.util.Arrays.sort(areas);
    return new double[] {
      areas[(int) (TAIL * RESAMPLES)], areas[(int) ((1 - TAIL) * RESAMPLES) - 1]
    };
  }

  private static double[] drawn(double[] values, SplittableRandom random) {
    double[] drawn = new double[values.length];
    for (int i = 0; i < drawn.length; i++) {
      drawn[i] = values[random.nextInt(values.length)];
    }
    return drawn;
  }

  /** Share of the poisoned models that score above all but {@code falseAlarms} of the others. */
  double recall(int falseAlarms) {
    double[] sorted = negatives.clone();
    java.util.Arrays.sort(sorted);
    int at = sorted.length - 1 - falseAlarms;
    return share(positives, at < 0 ? Double.NEGATIVE_INFINITY : sorted[at]);
  }

  static double share(double[] values, double above) {
    double count = 0;
    for (double value : values) {
      count += value > above ? 1 : 0;
    }
    return count / values.length;
  }

  /** The curve, from (0, 0) to (1, 1). */
  List<Point> points() {
    double[] thresholds = new double[positives.length + negatives.length];
    System.arraycopy(positives, 0, thresholds, 0, positives.length);
    System.arraycopy(negatives, 0, thresholds, positives.length, negatives.length);
    java.util.Arrays.sort(thresholds);
    List<Point> points = new ArrayList<>();
    for (int i = thresholds.length - 1; i >= 0; i--) {
      points.add(new Point(share(negatives, thresholds[i]), share(positives, thresholds[i])));
    }
    points.add(new Point(1, 1));
    return points;
  }
}
