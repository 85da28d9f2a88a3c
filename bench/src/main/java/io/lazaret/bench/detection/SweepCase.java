package io.lazaret.bench.detection;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lazaret.bench.Bar;
import io.lazaret.bench.BenchSettings;
import io.lazaret.bench.Cells;
import io.lazaret.bench.ChildProcess;
import io.lazaret.bench.Children;
import io.lazaret.bench.Comparison;
import io.lazaret.bench.MachineDescription;
import io.lazaret.bench.Measurement;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the sweep of the vocabulary costs: beside a sweep that runs every prompt again for every
 * candidate, and with more candidates and more prompts.
 */
record SweepCase(BenchSettings settings, Cells cells) {

  private static final String HEAP = "512m";
  private static final int ROUNDS = 3;
  private static final int PROMPTS = 16;

  /** Candidates that prompts are run again for; more only take longer. */
  private static final int COMPARED = 128;

  private static final double LEAST_GAIN = 10;
  private static final double LINEAR = 1.3;

  List<Measurement> run() {
    int vocabulary = 1 << 20; // More than there are: the child takes all.
    Map<String, ChildProcess> children = new LinkedHashMap<>();
    try {
      children.put("cached", child("cached", PROMPTS, vocabulary));
      int all = children.get("cached").greeting().path("candidates").asInt();
      children.put("plain", child("plain", PROMPTS, COMPARED));
      children.put("compared", child("cached", PROMPTS, COMPARED));
      children.put("half-vocabulary", child("cached", PROMPTS, all / 2));
      children.put("twice-prompts", child("cached", 2 * PROMPTS, vocabulary));
      Map<String, Comparison.Side> sides = Comparison.of(children, ROUNDS);
      Comparison.Side cached = sides.get("cached");
      List<Measurement> figures =
          List.of(
              new Measurement(
                  "sweep.plain-over-cached",
                  Comparison.ratio(sides.get("plain"), sides.get("compared")),
                  "ratio",
                  Bar.atLeast(LEAST_GAIN)),
              new Measurement(
                  "sweep.twice-the-vocabulary",
                  Comparison.ratio(cached, sides.get("half-vocabulary")) / 2,
                  "ratio",
                  Bar.atMost(LINEAR)),
              new Measurement(
                  "sweep.twice-the-prompts",
                  Comparison.ratio(sides.get("twice-prompts"), cached) / 2,
                  "ratio",
                  Bar.atMost(LINEAR)),
              Measurement.of("sweep.cpu", cached.median(), "s"));
      ObjectNode cell = new ObjectMapper().createObjectNode().put("kind", "sweep");
      cell.put("commit", MachineDescription.commit(settings.root()));
      figures.forEach(figure -> cell.put(figure.name(), figure.value()));
      cells.write("sweep", cell);
      return figures;
    } finally {
      children.values().forEach(ChildProcess::close);
    }
  }

  private ChildProcess child(String kind, int prompts, int candidates) {
    var fixtures = settings.root().resolve("fixtures");
    return new Children(settings)
        .java(
            "sweep-" + kind + "-" + prompts + "-" + candidates,
            SweepChild.class,
            HEAP,
            List.of(
                kind,
                fixtures.resolve("nano-backdoored").toString(),
                fixtures.resolve("prompts.jsonl").toString(),
                Integer.toString(prompts),
                Integer.toString(candidates)));
  }
}
