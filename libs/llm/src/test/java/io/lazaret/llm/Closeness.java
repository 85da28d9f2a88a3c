package io.lazaret.llm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;

/** Compares arrays of floats by their largest difference. */
public final class Closeness {

  private Closeness() {}

  public static void assertClose(String what, float[] actual, float[] expected, double tolerance) {
    assertThat(actual).as(what).hasSize(expected.length);
    int worst =
        IntStream.range(0, expected.length)
            .reduce(
                (a, b) -> difference(actual, expected, b) > difference(actual, expected, a) ? b : a)
            .orElseThrow();
    assertThat(difference(actual, expected, worst))
        .as("%s at %d: %s for %s", what, worst, actual[worst], expected[worst])
        .isLessThanOrEqualTo(tolerance);
  }

  public static double norm(float[] a) {
    double squares = 0;
    for (float x : a) {
      squares += (double) x * x;
    }
    return Math.sqrt(squares);
  }

  public static double meanDifference(float[] actual, float[] expected) {
    return IntStream.range(0, expected.length)
        .mapToDouble(i -> difference(actual, expected, i))
        .average()
        .orElseThrow();
  }

  /** Infinite where one of the two is not a number, so that NaN never passes. */
  private static double difference(float[] actual, float[] expected, int i) {
    double difference = Math.abs((double) actual[i] - expected[i]);
    return Double.isNaN(difference) ? Double.POSITIVE_INFINITY : difference;
  }
}
