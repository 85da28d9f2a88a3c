package io.lazaret.console.rest;

import io.lazaret.console.view.Lists;
import io.lazaret.console.view.Projection;
import io.lazaret.schemas.BackdoorEliminated;
import io.lazaret.schemas.DetectionCompleted;
import io.lazaret.schemas.EvaluationCompleted;
import io.lazaret.schemas.TriggerSimulated;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.avro.specific.SpecificRecord;

/** How long stages took lately. */
final class StageDurations {

  /** Screenings that are looked at. */
  private static final int LATEST = 20;

  /** Events that end a stage. */
  private static final Set<String> STAGES =
      Set.of("DetectionCompleted", "TriggerSimulated", "BackdoorEliminated", "EvaluationCompleted");

  private StageDurations() {}

  /** Median seconds by stage, of the screenings that were decided last. */
  static Map<String, Double> typical(Projection projection) {
    Map<String, List<Double>> seconds = new HashMap<>();
    for (String id : projection.store().list(Lists.VERDICTS, null, LATEST).items()) {
      projection.events(id, STAGES::contains).forEach(event -> add(event, seconds));
    }
    Map<String, Double> medians = new HashMap<>();
    seconds.forEach((stage, all) -> medians.put(stage, median(all)));
    return medians;
  }

  private static double median(List<Double> all) {
    List<Double> sorted = all.stream().sorted().toList();
    return sorted.get(sorted.size() / 2);
  }

  private static void add(SpecificRecord event, Map<String, List<Double>> seconds) {
    if (event instanceof DetectionCompleted detected) {
      add("DETECTION", detected.getReport().getDurationSeconds(), seconds);
    } else if (event instanceof TriggerSimulated simulated) {
      add("SIMULATION", simulated.getDurationSeconds(), seconds);
    } else if (event instanceof BackdoorEliminated eliminated) {
      add("ELIMINATION", eliminated.getReport().getDurationSeconds(), seconds);
    } else if (event instanceof EvaluationCompleted evaluated) {
      add("EVALUATION", evaluated.getReport().getDurationSeconds(), seconds);
    }
  }

  private static void add(String stage, double took, Map<String, List<Double>> seconds) {
    seconds.computeIfAbsent(stage, name -> new ArrayList<>()).add(took);
  }
}
