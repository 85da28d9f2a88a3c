package io.lazaret.bench.engine;

import com.fasterxml.jackson.databind.JsonNode;
import io.lazaret.bench.Bar;
import io.lazaret.bench.BenchCase;
import io.lazaret.bench.BenchSettings;
import io.lazaret.bench.Benchmark;
import io.lazaret.bench.Children;
import io.lazaret.bench.Comparison;
import io.lazaret.bench.Comparison.Side;
import io.lazaret.bench.Measurement;
import io.lazaret.llm.TorchRuntime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The engine beside eager PyTorch and {@code transformers}: same weights, batch and threads, CPU
 * time in interleaved rounds, peak memory of each process.
 */
public final class EngineBenchmark implements Benchmark {

  private static final String OURS = Sides.OURS;
  private static final String EAGER = "eager";
  private static final String TRANSFORMERS = "transformers";

  private static final List<String> TASKS =
      List.of("forward", "training", "softPrompt", "lora", "generation");

  private static final int SOFT = 16;
  private static final int RANK = 8;
  private static final int TRAINING_STEPS = 2_000;
  private static final int GENERATIONS = 10_000;

  private static final Map<String, String> PACKAGES =
      Map.of("torch", "torch", "transformers", "transformers", "safetensors", "safetensors");

  private static final Bar TO_EAGER = Bar.atMost(1.05);
  private static final Bar TO_TRANSFORMERS = Bar.atMost(1.00);
  private static final Bar MEMORY = Bar.atMost(1.10);
  private static final Bar SPECIAL_CASE = Bar.atLeast(3);

  /** Rounds of a comparison; large models get fewer, they are long against any disturbance. */
  private static final int ROUNDS = 9;

  private static final int LARGE_ROUNDS = 5;
  private static final int QUICK_ROUNDS = 3;

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
        "this engine: " + TorchRuntime.libraries() + ", Java " + Runtime.version(),
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
      for (String task : TASKS) {
        cases.add(new BenchCase(model.name() + "." + task, () -> compare(settings, model, task)));
      }
    }
    cases.add(
        new BenchCase(
            "vocabulary32000.softPrompt", () -> specialCase(settings, EngineModel.M5_WIDE)));
    CheckpointCase checkpoint = new CheckpointCase(settings);
    cases.add(new BenchCase("checkpoint.header", () -> checkpoint.measure("header")));
    cases.add(new BenchCase("checkpoint.load", () -> checkpoint.measure("load")));
    LeakCase leak = new LeakCase(settings);
    cases.add(new BenchCase("memory.training", () -> leak.measure("training", TRAINING_STEPS)));
    cases.add(new BenchCase("memory.generation", () -> leak.measure("generation", GENERATIONS)));
    return cases;
  }

  private static Workload workload(BenchSettings settings, EngineModel model, String task) {
    int batch = model.equals(EngineModel.M450) ? 1 : model.equals(EngineModel.M50) ? 4 : 8;
    String directory = model.in(settings.work()).toString();
    int threads = settings.threads();
    return switch (task) {
      case "softPrompt" -> {
        String soft = model.softPromptIn(settings.work(), SOFT).toString();
        yield new Workload(task, directory, batch, 108, 4, SOFT, soft, 0, threads);
      }
      case "generation" -> new Workload(task, directory, batch, 32, 32, 0, "", 0, threads);
      default -> new Workload(task, directory, batch, 128, 0, 0, "", RANK, threads);
    };
  }

  private static int rounds(BenchSettings settings, EngineModel model) {
    if (settings.quick()) {
      return QUICK_ROUNDS;
    }
    return model.equals(EngineModel.M450) ? LARGE_ROUNDS : ROUNDS;
  }

  private static List<Measurement> compare(BenchSettings settings, EngineModel model, String task) {
    // Three sides with moments and gradients of the large model would not fit into memory at once.
    boolean alone = model.equals(EngineModel.M450) && task.equals("training");
    Map<String, Side> sides =
        new Sides(settings, workload(settings, model, task), List.of(EAGER, TRANSFORMERS))
            .measure(rounds(settings, model), alone);
    Side ours = sides.get(OURS);
    String name = model.name() + "." + task;
    List<Measurement> figures = new ArrayList<>();
    for (String peer : List.of(EAGER, TRANSFORMERS)) {
      Bar bar = peer.equals(EAGER) ? TO_EAGER : TO_TRANSFORMERS;
      double ratio = Comparison.ratio(ours, sides.get(peer));
      figures.add(new Measurement(name + ".time." + peer, ratio, "ratio", bar));
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
    Map<String, Side> sides =
        new Sides(settings, workload(settings, model, "softPrompt"), List.of(TRANSFORMERS))
            .measure(rounds(settings, model), false);
    double times = 1 / Comparison.ratio(sides.get(OURS), sides.get(TRANSFORMERS));
    return List.of(
        new Measurement("vocabulary32000.softPrompt.faster", times, "times", SPECIAL_CASE));
  }
}
