package io.lazaret.llm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.stream.IntStream;

/** Compares arrays of floats by their largest difference. */
public final class Closeness {

  /** A file to append every difference to, for the table of docs/engine-parity.md. */
  private static final String DIFFERENCES = "lazaret.parity.differences";

  private Closeness() {}

  public static void assertClose(String what, float[] actual, float[] expected, double tolerance) {
    assertThat(actual).as(what).hasSize(expected.length);
    int worst =
        IntStream.range(0, expected.length)
            .reduce(
                (a, b) -> difference(actual, expected, b) > difference(actual, expected, a) ? b : a)
            .orElseThrow();
    write(what, difference(actual, expected, worst));
    assertThat(difference(actual, expected, worst))
        .as("%s at %d: %s for %s", what, worst, actual[worst], expected[worst])
        .isLessThanOrEqualTo(tolerance);
  }

  /** One line for bench/parity/table.py: fixture, test, what was compared, difference. */
  private static void write(String what, double difference) {
    String file = System.getProperty(DIFFERENCES);
    if (file == null) {
      return;
    }
    String test =
        StackWalker.getInstance()
            .walk(
                frames ->
                    frames
                        .filter(f -> f.getClassName().endsWith("Test"))
                        .reduce((a, b) -> b)
                        .orElseThrow()
                        .getMethodName());
    try {
      Files.writeString(
          Path.of(file),
          String.join("\t", ParityFixture.latest(), test, what, Double.toString(difference)) + "\n",
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
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
