package io.lazaret.bench.engine;

import com.fasterxml.jackson.databind.JsonNode;
import io.lazaret.bench.Bar;
import io.lazaret.bench.BenchSettings;
import io.lazaret.bench.ChildProcess;
import io.lazaret.bench.Children;
import io.lazaret.bench.Measurement;
import java.util.List;

/**
 * Memory of a process that does the same work many times: flat, and no array too many.
 *
 * <p>The spread is that of what the process holds: glibc keeps up to some tens of MiB of free
 * pages, now more, now less, so it is asked to hand them back before each look.
 */
record LeakCase(BenchSettings settings) {

  private static final int PARTS = 10;

  /** Resident from the start, so that what grows is not the Java heap being touched. */
  private static final List<String> HEAP = List.of("-Xms64m", "-Xmx64m", "-XX:+AlwaysPreTouch");

  private static final Bar FLAT = Bar.atMost(2);

  /**
   * Repeats a task and looks at the process after every tenth of the repetitions.
   *
   * @param times repetitions
   */
  List<Measurement> measure(String task, int times) {
    String directory = EngineModel.M1.in(settings.work()).toString();
    boolean training = task.equals("training");
    Workload workload =
        new Workload(task, directory, 8, training ? 32 : 16, 8, 0, "", 0, settings.threads());
    double least = Double.POSITIVE_INFINITY;
    double most = 0;
    double resident = 0;
    int held = -1;
    int drift = 0;
    try (ChildProcess process =
        new Children(settings).java("memory", EngineWorker.class, HEAP, List.of(workload.json()))) {
      for (int part = 0; part < PARTS; part++) {
        JsonNode answer = process.ask("run " + times / PARTS);
        if (part > 0) {
          drift = Math.max(drift, Math.abs(answer.path("heldArrays").asInt() - held));
        }
        held = answer.path("heldArrays").asInt();
        resident = Math.max(resident, process.residentMebibytes());
        process.ask(EngineWorker.TRIM);
        least = Math.min(least, process.residentMebibytes());
        most = Math.max(most, process.residentMebibytes());
      }
    }
    String name = "memory." + task + "." + times;
    return List.of(
        new Measurement(name + ".spread", 100 * (most - least) / least, "%", FLAT),
        new Measurement(name + ".arrayDrift", drift, "arrays", Bar.atMost(0)),
        Measurement.of(name + ".held", most, "MiB"),
        Measurement.of(name + ".resident", resident, "MiB"));
  }
}
