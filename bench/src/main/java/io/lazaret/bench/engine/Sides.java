package io.lazaret.bench.engine;

import io.lazaret.bench.BenchSettings;
import io.lazaret.bench.ChildProcess;
import io.lazaret.bench.Children;
import io.lazaret.bench.Comparison;
import io.lazaret.bench.Comparison.Side;
import io.lazaret.problem.ProblemException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The processes of one comparison: this engine and its peers, on one workload. */
record Sides(BenchSettings settings, Workload workload, List<String> peers) {

  static final String OURS = "lazaret";

  /** Heap of this engine's process; tensors are not in it. */
  static final String HEAP = "256m";

  /** Peer to script. */
  private static final Map<String, String> SCRIPTS =
      Map.of(
          "eager", "engine/eager.py",
          "transformers", "engine/hf.py",
          "safetensors", "engine/checkpoint.py");

  /** Largest relative difference between the results of two sides that do the same. */
  private static final double SAME = 1e-3;

  /**
   * Measures all sides.
   *
   * @param alone one side after the other, for what does not fit into memory at once
   */
  Map<String, Side> measure(int rounds, boolean alone) {
    List<String> names = new ArrayList<>(List.of(OURS));
    names.addAll(peers);
    if (!alone) {
      return together(names, rounds, new LinkedHashMap<>());
    }
    Map<String, Side> sides = new LinkedHashMap<>();
    Map<String, Double> results = new LinkedHashMap<>();
    names.forEach(name -> sides.putAll(together(List.of(name), rounds, results)));
    return sides;
  }

  private Map<String, Side> together(List<String> names, int rounds, Map<String, Double> results) {
    Map<String, ChildProcess> processes = new LinkedHashMap<>();
    try {
      for (String name : names) {
        processes.put(name, start(name));
        results.put(name, processes.get(name).greeting().path("check").asDouble());
      }
      requireSame(results);
      return Comparison.of(processes, rounds);
    } finally {
      processes.values().forEach(ChildProcess::close);
    }
  }

  private ChildProcess start(String name) {
    Children children = new Children(settings);
    List<String> arguments = List.of(workload.json());
    return name.equals(OURS)
        ? children.java(name, EngineWorker.class, HEAP, arguments)
        : children.python(name, SCRIPTS.get(name), arguments);
  }

  /** A comparison of sides that do not compute the same would mean nothing. */
  private void requireSame(Map<String, Double> results) {
    double ours = results.get(OURS);
    results.forEach(
        (name, theirs) -> {
          if (!(Math.abs(ours - theirs) <= SAME * Math.abs(theirs))) {
            throw ProblemException.of(
                "BENCH_SIDES_DIFFER",
                "In the task "
                    + workload.task()
                    + " the side '"
                    + name
                    + "' computed "
                    + theirs
                    + " where this engine computed "
                    + ours
                    + ".",
                "The figures would not be comparable; check the peer's version.");
          }
        });
  }
}
