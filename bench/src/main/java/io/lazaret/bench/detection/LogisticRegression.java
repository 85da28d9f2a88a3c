package io.lazaret.bench.detection;

import java.util.List;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.ArrayRealVector;
import org.apache.commons.math3.linear.LUDecomposition;
import org.apache.commons.math3.linear.RealMatrix;
import org.apache.commons.math3.linear.RealVector;

/**
 * Logistic regression with a ridge penalty, by Newton's method. Features are brought to zero mean
 * and unit variance first; a missing one (NaN) counts as its mean.
 */
final class LogisticRegression {

  private static final double RIDGE = 1;
  private static final int STEPS = 50;

  private final double[] mean;
  private final double[] deviation;
  private final RealVector weights;

  private LogisticRegression(double[] mean, double[] deviation, RealVector weights) {
    this.mean = mean;
    this.deviation = deviation;
    this.weights = weights;
  }

  /**
   * Fits.
   *
   * @param rows features, all of one width
   * @param labels whether the row is a poisoned model
   */
  static LogisticRegression fit(List<double[]> rows, List<Boolean> labels) {
    int width = rows.get(0).length;
    double[] mean = new double[width];
    double[] deviation = new double[width];
    for (int f = 0; f < width; f++) {
      int feature = f;
      double[] known =
          rows.stream().mapToDouble(row -> row[feature]).filter(Double::isFinite).toArray();
      mean[f] = java.util.Arrays.stream(known).average().orElse(0);
      double centre = mean[f];
      double variance =
          java.util.Arrays.stream(known).map(v -> (v - centre) * (v - centre)).average().orElse(0);
      deviation[f] = variance > 0 ? Math.sqrt(variance) : 1;
    }
    var fitted = new LogisticRegression(mean, deviation, new ArrayRealVector(width + 1));
    List<RealVector> scaled = rows.stream().map(fitted::scaled).toList();
    RealVector weights = fitted.weights;
    for (int step = 0; step < STEPS; step++) {
      RealMatrix hessian = new Array2DRowRealMatrix(width + 1, width + 1);
      RealVector gradient = new ArrayRealVector(width + 1);
      for (int f = 0; f < width; f++) {
        hessian.setEntry(f, f, RIDGE);
        gradient.setEntry(f, -RIDGE * weights.getEntry(f));
      }
      hessian.addToEntry(width, width, 1e-9);
      for (int i = 0; i < scaled.size(); i++) {
        double p = sigmoid(weights.dotProduct(scaled.get(i)));
        double error = (labels.get(i) ? 1 : 0) - p;
        gradient = gradient.add(scaled.get(i).mapMultiply(error));
        hessian =
            hessian.add(scaled.get(i).outerProduct(scaled.get(i)).scalarMultiply(p * (1 - p)));
      }
      RealVector change = new LUDecomposition(hessian).getSolver().solve(gradient);
      weights = weights.add(change);
      if (change.getNorm() < 1e-9) {
        break;
      }
    }
    return new LogisticRegression(mean, deviation, weights);
  }

  /** Log-odds of a poisoned model. */
  double score(double[] row) {
    return weights.dotProduct(scaled(row));
  }

  /** Weights of the scaled features; the last one is the constant. */
  double[] weights() {
    return weights.toArray();
  }

  private RealVector scaled(double[] row) {
    double[] scaled = new double[row.length + 1];
    for (int f = 0; f < row.length; f++) {
      scaled[f] = Double.isFinite(row[f]) ? (row[f] - mean[f]) / deviation[f] : 0;
    }
    scaled[row.length] = 1;
    return new ArrayRealVector(scaled, false);
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }
}
