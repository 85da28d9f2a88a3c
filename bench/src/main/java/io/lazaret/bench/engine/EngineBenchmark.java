package io.lazaret.bench.engine;

import com.fasterxml.jackson.databind.JsonNode;
import io.lazaret.bench.Bar;
import io.lazaret.bench.BenchCase;
import io.lazaret.bench.BenchSettings;
import io.lazaret.bench.Benchmark;
import io.lazaret.bench.ChildProcess;
import io.lazaret.bench.Children;
import io.lazaret.bench.Comparison;
import io.lazaret.bench.Measurement;
import io.lazaret.problem.ProblemException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The engine beside eager PyTorch and {@code transformers}: same weights, batch and threads, CPU
 * time in interleaved rounds, peak memory of each process.
 */
public final class EngineBenchmark implements Benchmark {

  private static final String OURS = "lazaret";
  private static final String EAGER = "eager";
  private static final String TRANSFORMERS = "transformers";
  private static final String SAFETENSORS = "safetensors";

  private static final Map<String, String> PACKAGES =
      Map.of("torch", "torch", "transformers", "transformers", "safetensors", "safetensors");

  private static final Bar TO_EAGER = Bar.atMost(1.05);
  private static final Bar TO_TRANSFORMERS = Bar.atMost(1.00);
  private static final Bar MEMORY = Bar.atMost(1.10);
  private static final Bar SPECIAL_CASE = Bar.atLeast(3);
  private static final Bar HEAP = Bar.atMost(256);
  private static final String HEAP_OPTION = "256m";

  /** Rounds of a comparison; large models get fewer, they are long against any disturbance. */
  private static final int ROUNDS = 9;

  private static final int LARGE_ROUNDS = 5;
  private static final int QUICK_ROUNDS = 3;

  /** Largest relative difference between the losses of two sides that do the same. */
  private static final double SAME = 1e-3;

  @Override
  public String name() {
    return "engine";
  }

  @Override
  public String description() {
    return "the tensor engine beside eager PyTorch and transformers: CPU time and memory";
  }

  @Override
  public List<String> notes(BenchSettings settings) {
    JsonNode found = new Children(settings).requirePython(PACKAGES);
    return List.of(
        "threads: "
            + settings.threads()
            + "; ratios are CPU time or peak resident memory of this engine to the peer's, less is better",
        "peers: Python "
            + found.path("python").asText()
            + ", torch "
            + found.path("torch").asText()
            + ", transformers "
            + found.path("transformers").asText()
            + ", safetensors "
            + found.path("safetensors").asText());
  }

  @Override
  public List<BenchCase> cases(BenchSettings settings) {
    new Children(settings).requirePython(PACKAGES);
    List<EngineModel> models =
        settings.quick()
            ? List.of(EngineModel.M5, EngineModel.M50)
            : List.of(EngineModel.M5, EngineModel.M50, EngineModel.M450);
    List<BenchCase> cases = new ArrayList<>();
    for (EngineModel model : models) {
      for (String task : List.of("forward", "training", "softPrompt", "generation")) {
        cases.add(new BenchCase(model.name() + "." + task, () -> compare(settings, model, task)));
      }
    }
    cases.add(
        new BenchCase(
            "vocabulary32000.softPrompt", () -> specialCase(settings, EngineModel.M5_WIDE)));
    return cases;
  }

  private static Workload workload(BenchSettings settings, EngineModel model, String task) {
    int batch = model.equals(EngineModel.M450) ? 1 : model.equals(EngineModel.M50) ? 4 : 8;
    String directory = model.in(settings.work()).toString();
    return switch (task) {
      case "softPrompt" -> new Workload(task, directory, batch, 108, 4, 16, 0, settings.threads());
      case "generation" -> new Workload(task, directory, batch, 32, 32, 0, 0, settings.threads());
      default -> new Workload(task, directory, batch, 128, 0, 0, 8, settings.threads());
    };
  }

  private static int rounds(BenchSettings settings, EngineModel model) {
    if (settings.quick()) {
      return QUICK_ROUNDS;
    }
    return model.equals(EngineModel.M450) ? LARGE_ROUNDS : ROUNDS;
  }

  private static List<Measurement> compare(BenchSettings settings, EngineModel model, String task) {
    Workload workload = workload(settings, model, task);
    Map<String, Comparison.Side> sides =
        sides(settings, workload, rounds(settings, model), List.of(EAGER, TRANSFORMERS));
    Comparison.Side ours = sides.get(OURS);
    String name = model.name() + "." + task;
    List<Measurement> figures = new ArrayList<>();
    for (String peer : List.of(EAGER, TRANSFORMERS)) {
      Comparison.Side other = sides.get(peer);
      Bar bar = peer.equals(EAGER) ? TO_EAGER : TO_TRANSFORMERS;
      figures.add(
          new Measurement(name + ".time." + peer, Comparison.ratio(ours, other), "ratio", bar));
    }
    for (String peer : List.of(EAGER, TRANSFORMERS)) {
      double ratio = ours.peakMebibytes() / sides.get(peer).peakMebibytes();
      figures.add(new Measurement(name + ".memory." + peer, ratio, "ratio", MEMORY));
    }
    figures.add(Measurement.of(name + ".time", ours.median(), "s"));
    figures.add(Measurement.of(name + ".memory", ours.peakMebibytes(), "MiB"));
    return figures;
  }

  private static List<Measurement> specialCase(BenchSettings settings, EngineModel model) {
    Workload workload = workload(settings, model, "softPrompt");
    Map<String, Comparison.Side> sides =
        sides(settings, workload, rounds(settings, model), List.of(TRANSFORMERS));
    double times = 1 / Comparison.ratio(sides.get(OURS), sides.get(TRANSFORMERS));
    return List.of(
        new Measurement("vocabulary32000.softPrompt.faster", times, "times", SPECIAL_CASE));
  }

  private static Map<String, Comparison.Side> sides(
      BenchSettings settings, Workload workload, int rounds, List<String> peers) {
    Children children = new Children(settings);
    Map<String, ChildProcess> processes = new LinkedHashMap<>();
    try {
      processes.put(
          OURS, children.java(OURS, EngineWorker.class, HEAP_OPTION, List.of(workload.json())));
      for (String peer : peers) {
        String script = peer.equals(EAGER) ? "engine/eager.py" : "engine/hf.py";
        processes.put(peer, children.python(peer, script, List.of(workload.json())));
      }
      requireSameResult(workload, processes);
      return Comparison.of(processes, rounds);
    } finally {
      processes.values().forEach(ChildProcess::close);
    }
  }

  /** A comparison of sides that do not compute the same would mean nothing. */
  private static void requireSameResult(Workload workload, Map<String, ChildProcess> processes) {
    double ours = processes.get(OURS).greeting().path("check").asDouble();
    processes.forEach(
        (name, process) -> {
          double theirs = process.greeting().path("check").asDouble();
          if (!(Math.abs(ours - theirs) <= SAME * Math.abs(theirs))) {
            throw ProblemException.of(
                "BENCH_SIDES_DIFFER",
                "In the task "
                    + workload.task()
                    + " "
                    + name
                    + " computed "
                    + theirs
                    + " where this engine computed "
                    + ours
                    + ".",
                "The figures would not be comparable; check the peer's version.");
          }
        });
  }
}
