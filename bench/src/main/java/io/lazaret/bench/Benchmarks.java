package io.lazaret.bench;

import io.lazaret.bench.detection.DetectionBenchmark;
import io.lazaret.bench.engine.EngineBenchmark;
import io.lazaret.bench.events.EventsBenchmark;
import io.lazaret.bench.methods.MethodsBenchmark;
import io.lazaret.bench.methods.SandeBenchmark;
import io.lazaret.problem.ProblemException;
import java.util.List;
import java.util.stream.Collectors;

/** All benchmarks. */
public final class Benchmarks {

  /** In the order of the help. */
  public static final List<Benchmark> ALL =
      List.of(
          new EngineBenchmark(),
          new EventsBenchmark(),
          new DetectionBenchmark(),
          new MethodsBenchmark(),
          new SandeBenchmark());

  private Benchmarks() {}

  /**
   * The benchmark with this name.
   *
   * @throws ProblemException {@code BENCHMARK_UNKNOWN}
   */
  public static Benchmark named(String name) {
    return ALL.stream()
        .filter(benchmark -> benchmark.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                ProblemException.of(
                    "BENCHMARK_UNKNOWN",
                    "There is no benchmark '" + name + "'.",
                    "Choose one of: "
                        + ALL.stream().map(Benchmark::name).collect(Collectors.joining(", "))
                        + "."));
  }
}
