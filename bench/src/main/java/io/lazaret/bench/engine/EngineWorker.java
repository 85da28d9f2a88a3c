package io.lazaret.bench.engine;

import io.lazaret.bench.ChildMain;
import io.lazaret.llm.CausalLm;
import io.lazaret.llm.Example;
import io.lazaret.llm.Parameter;
import io.lazaret.llm.SoftPrompt;
import io.lazaret.llm.TorchRuntime;
import io.lazaret.llm.adapter.LoraConfig;
import io.lazaret.llm.generation.Generator;
import io.lazaret.llm.generation.Generator.GenerationSettings;
import io.lazaret.llm.training.AdamW;
import io.lazaret.llm.training.Lora;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleSupplier;
import javax.management.JMException;
import javax.management.ObjectName;

/** This engine's side of a comparison, in a process of its own. */
final class EngineWorker {

  /** Line that has free pages handed back to the system before somebody looks at the process. */
  static final String TRIM = "trim";

  private static final double RATE = 1e-4;
  private static final long SEED = 3;
  private static final double MIB = 1 << 20;

  private CausalLm lm;

  private EngineWorker() {}

  private int heldArrays() {
    return lm == null ? 0 : lm.heldArrays();
  }

  /**
   * Serves one workload.
   *
   * @param arguments the workload as JSON
   */
  public static void main(String[] arguments) throws IOException {
    Workload workload = Workload.of(arguments[0]);
    EngineWorker worker = new EngineWorker();
    DoubleSupplier once = worker.task(workload);
    ChildMain.serve(
        Map.of("check", once.getAsDouble()),
        line -> {
          if (line.equals(TRIM)) {
            return Map.of("trimmed", trimNativeHeap());
          }
          double check = 0;
          for (int i = ChildMain.repetitions(line); i > 0; i--) {
            check = once.getAsDouble();
          }
          return Map.of(
              "check", check, "heapMebibytes", peakHeap(), "heldArrays", worker.heldArrays());
        });
  }

  private DoubleSupplier task(Workload workload) {
    Path model = Path.of(workload.model());
    switch (workload.task()) {
      case "header":
        return () -> CheckpointWork.header(model);
      case "load":
        return () -> CheckpointWork.load(model);
      default:
        TorchRuntime.prepareThread();
        lm = CausalLm.open(model);
        return switch (workload.task()) {
          case "forward" -> forward(lm, workload);
          case "training" -> training(lm, workload);
          case "lora" -> lora(lm, workload);
          case "softPrompt" -> softPrompt(lm, workload);
          case "generation" -> generation(lm, workload);
          default -> throw new IllegalArgumentException("no task " + workload.task());
        };
    }
  }

  private static List<Example> wholeSequences(CausalLm lm, Workload workload) {
    return workload.ids(workload.prompt(), lm.config().vocabSize()).stream()
        .map(ids -> new Example(ids, 1, ids.length))
        .toList();
  }

  private static DoubleSupplier forward(CausalLm lm, Workload workload) {
    List<Example> batch = wholeSequences(lm, workload);
    return () -> lm.loss(batch, null);
  }

  private static DoubleSupplier training(CausalLm lm, Workload workload) {
    lm.requireGradients(true);
    return steps(lm, workload);
  }

  private static DoubleSupplier lora(CausalLm lm, Workload workload) {
    List<String> targets = List.of("q_proj", "v_proj");
    Lora.attach(lm, new LoraConfig(workload.rank(), 2 * workload.rank(), false, targets), SEED);
    return steps(lm, workload);
  }

  private static DoubleSupplier steps(CausalLm lm, Workload workload) {
    List<Example> batch = wholeSequences(lm, workload);
    AdamW optimiser = new AdamW(lm.trainable(), AdamW.Settings.sande());
    return () -> {
      double loss = lm.backward(batch, null, 1);
      optimiser.step(RATE);
      return loss;
    };
  }

  private static DoubleSupplier softPrompt(CausalLm lm, Workload workload) {
    SoftPrompt soft = SoftPrompt.load(lm, Path.of(workload.softFile()));
    int[] virtual = soft.ids();
    int length = virtual.length + workload.prompt() + workload.target();
    List<Example> batch =
        workload.ids(workload.prompt() + workload.target(), lm.config().vocabSize()).stream()
            .map(ids -> new Example(join(virtual, ids), length - workload.target(), length))
            .toList();
    List<Parameter> trained = List.of(soft.parameter());
    AdamW optimiser = new AdamW(trained, AdamW.Settings.sande());
    return () -> {
      double loss = lm.backward(batch, soft, 1);
      optimiser.step(RATE);
      return loss;
    };
  }

  private static DoubleSupplier generation(CausalLm lm, Workload workload) {
    List<int[]> prompts = workload.ids(workload.prompt(), lm.config().vocabSize());
    GenerationSettings settings =
        new GenerationSettings(workload.target(), workload.batch(), new int[0]);
    return () ->
        Generator.greedy(lm, prompts, null, settings).stream().mapToDouble(row -> row[0]).sum();
  }

  private static int[] join(int[] first, int[] second) {
    int[] both = new int[first.length + second.length];
    System.arraycopy(first, 0, both, 0, first.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }

  /** What {@code jcmd PID System.trim_native_heap} does. */
  private static String trimNativeHeap() throws JMException {
    return (String)
        ManagementFactory.getPlatformMBeanServer()
            .invoke(
                new ObjectName("com.sun.management:type=DiagnosticCommand"),
                "systemTrimNativeHeap",
                new Object[0],
                new String[0]);
  }

  private static double peakHeap() {
    return ManagementFactory.getMemoryPoolMXBeans().stream()
            .filter(pool -> pool.getType() == MemoryType.HEAP)
            .map(MemoryPoolMXBean::getPeakUsage)
            .mapToLong(usage -> usage.getUsed())
            .sum()
        / MIB;
  }
}
