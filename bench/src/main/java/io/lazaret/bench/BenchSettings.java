package io.lazaret.bench;

import java.nio.file.Path;
import java.util.function.Consumer;

/**
 * How a benchmark runs.
 *
 * @param quick the small version, which takes minutes
 * @param threads threads that each side may use
 * @param root top of the repository, where peers' scripts are
 * @param work directory for what is made and kept between runs: models, scripts, finished cases
 * @param python interpreter of the peers; a program that replaces itself by it (exec) will do
 * @param progress takes lines for the reader
 * @param preset size of the models that a benchmark trains, where it trains any
 */
public record BenchSettings(
    boolean quick,
    int threads,
    Path root,
    Path work,
    String python,
    Consumer<String> progress,
    String preset) {

  /** Environment variable that names the interpreter of the peers; {@code python3} otherwise. */
  public static final String PYTHON_VARIABLE = "LAZARET_BENCH_PYTHON";

  /** The smallest models. */
  public static final String NANO = "nano";

  public BenchSettings {
    if (threads < 1) {
      throw new IllegalArgumentException("threads must be at least 1 but is " + threads);
    }
  }

  /** With the smallest models. */
  public BenchSettings(
      boolean quick, int threads, Path root, Path work, String python, Consumer<String> progress) {
    this(quick, threads, root, work, python, progress, NANO);
  }

  /** The interpreter that the environment names. */
  public static String pythonOfEnvironment() {
    String given = System.getenv(PYTHON_VARIABLE);
    return given == null || given.isBlank() ? "python3" : given;
  }
}
