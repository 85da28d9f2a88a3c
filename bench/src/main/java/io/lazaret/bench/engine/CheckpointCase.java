package io.lazaret.bench.engine;

import io.lazaret.bench.Bar;
import io.lazaret.bench.BenchSettings;
import io.lazaret.bench.Comparison;
import io.lazaret.bench.Comparison.Side;
import io.lazaret.bench.Measurement;
import java.util.List;
import java.util.Map;

/**
 * A checkpoint of 2 GB in the page cache beside Python's {@code safetensors}. Task {@code header}:
 * open the file by all rules and list the tensors. Task {@code load}: open the model, all tensors
 * read and every number checked to be finite; the peer maps the file and checks the same.
 */
record CheckpointCase(BenchSettings settings) {

  private static final String PEER = "safetensors";
  private static final int ROUNDS = 5;
  private static final int QUICK_ROUNDS = 3;

  List<Measurement> measure(String task) {
    String directory = EngineModel.CHECKPOINT.in(settings.work()).toString();
    Workload workload = new Workload(task, directory, 1, 0, 0, 0, "", 0, settings.threads());
    Map<String, Side> sides =
        new Sides(settings, workload, List.of(PEER))
            .measure(settings.quick() ? QUICK_ROUNDS : ROUNDS, false);
    Side ours = sides.get(Sides.OURS);
    String name = "checkpoint." + task;
    double ratio = Comparison.ratio(ours, sides.get(PEER));
    double heap = ours.last().path("heapMebibytes").asDouble();
    return List.of(
        new Measurement(name + ".time." + PEER, ratio, "ratio", Bar.atMost(1.00)),
        new Measurement(name + ".heap", heap, "MiB", Bar.atMost(256)),
        Measurement.of(name + ".time", ours.median(), "s"));
  }
}
