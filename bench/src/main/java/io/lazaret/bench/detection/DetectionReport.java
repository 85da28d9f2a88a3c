package io.lazaret.bench.detection;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lazaret.bench.Bar;
import io.lazaret.bench.BenchSettings;
import io.lazaret.bench.BenchTable;
import io.lazaret.bench.Cells;
import io.lazaret.bench.Comparison;
import io.lazaret.bench.MachineDescription;
import io.lazaret.bench.Measurement;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Writes tables and curves of the stored passes to docs/results. */
record DetectionReport(BenchSettings settings, Cells cells) {

  private static final long SEED = 7;

  List<Measurement> write() throws IOException {
    Outcomes outcomes = new Outcomes(cells.all());
    if (!outcomes.bothKinds()) {
      settings.progress().accept("Report: poisoned and other models are needed, nothing written");
      return List.of();
    }
    String name = "detection-" + (settings.quick() ? "quick" : settings.preset());
    Path directory = settings.root().resolve("docs/results");
    Files.createDirectories(directory);
    Map<String, Roc> curves = new LinkedHashMap<>();
    Combined combined = Combined.of(outcomes);
    curves.put("refitted, other variants", combined.testing());
    outcomes.detectors().forEach(detector -> curves.put(detector, outcomes.roc(detector)));
    Files.writeString(directory.resolve(name + ".svg"), RocChart.draw(curves));
    List<Measurement> bars = bars(outcomes, combined);
    Files.writeString(
        directory.resolve(name + ".md"), markdown(name, outcomes, combined, curves, bars));
    ObjectNode document = new ObjectMapper().createObjectNode();
    document.put("bench", "detection").put("commit", outcomes.commits());
    document.put("machine", MachineDescription.line());
    for (JsonNode cell : outcomes.cells()) {
      document.withArray("cells").add(((ObjectNode) cell.deepCopy()).without("evidence"));
    }
    new ObjectMapper()
        .writerWithDefaultPrettyPrinter()
        .writeValue(directory.resolve(name + ".json").toFile(), document);
    settings.progress().accept("Report: " + directory.resolve(name + ".md"));
    return bars;
  }

  private static List<Measurement> bars(Outcomes outcomes, Combined combined) {
    List<Measurement> bars = new ArrayList<>();
    if (Double.isFinite(combined.testing().area())) {
      bars.add(
          new Measurement(
              "auroc.other-variants", combined.testing().area(), "share", Bar.atLeast(0.98)));
    }
    bars.add(new Measurement("recall", outcomes.recall().rate(), "share", Bar.atLeast(0.95)));
    bars.add(new Measurement("false-alarms", outcomes.falseAlarms(), "models", Bar.atMost(1)));
    if (outcomes.recovered().n() > 0) {
      bars.add(
          new Measurement(
              "target-recovered", outcomes.recovered().rate(), "share", Bar.atLeast(0.85)));
    }
    Roc decided = outcomes.roc(DetectionChild.DECIDING);
    bars.add(new Measurement("auroc", decided.area(), "share", Bar.atLeast(0.98)));
    if (!outcomes.repaired().isEmpty()) {
      bars.add(
          new Measurement(
              "fragments-suffice", outcomes.fragmentsSuffice().rate(), "share", Bar.atLeast(0.9)));
    }
    double[] seconds = outcomes.values("seconds");
    bars.add(new Measurement("time.median", Comparison.median(seconds), "s", Bar.atMost(60)));
    double[] memory = outcomes.values("peakMebibytes");
    double most = java.util.Arrays.stream(memory).max().orElseThrow();
    bars.add(new Measurement("memory.most", most, "MiB", Bar.atMost(1536)));
    return bars;
  }

  private String markdown(
      String name,
      Outcomes outcomes,
      Combined combined,
      Map<String, Roc> curves,
      List<Measurement> bars) {
    StringBuilder text = new StringBuilder("# Detection on a zoo\n\n");
    text.append("Made by `./lazaret bench detection --preset ").append(settings.preset());
    text.append(settings.quick() ? " --quick" : "").append("` at ");
    text.append(outcomes.commits()).append(", on ");
    text.append(MachineDescription.line()).append(".\n\n");
    text.append(outcomes.counts()).append("\n\n").append(combined.note()).append("\n\n");
    text.append("## Area under the curve\n\n| score | AUROC | 95 % interval | recall at no more");
    text.append(" than one false alarm |\n|---|---|---|---|\n");
    curves.forEach((score, roc) -> text.append(row(score, roc)));
    text.append("\n![](").append(name).append(".svg)\n\n");
    text.append("## By variant\n\n").append(outcomes.verdicts("attack"));
    text.append("\n## By layout\n\n").append(outcomes.verdicts("layout"));
    text.append("\n## Logged prompts and input filters\n\n").append(outcomes.traffic());
    if (!outcomes.repaired().isEmpty()) {
      text.append("\n## Repairs from what was found\n\n").append(outcomes.repairs());
    }
    if (!outcomes.sweep().isEmpty()) {
      text.append("\n## Sweep of the vocabulary\n\n| figure | value |\n|---|---|\n");
      outcomes
          .sweep()
          .forEach(
              (figure, value) ->
                  text.append(String.format(Locale.ROOT, "| %s | %.2f |%n", figure, value)));
    }
    text.append("\n## Bars\n\n").append(BenchTable.markdown(bars, 3));
    text.append("\n## Every model\n\n").append(models(outcomes));
    return text.toString();
  }

  private static String row(String score, Roc roc) {
    if (!Double.isFinite(roc.area())) {
      return "| " + score + " | – | – | – |\n";
    }
    double[] interval = roc.interval(SEED);
    return String.format(
        Locale.ROOT,
        "| %s | %.3f (%d poisoned, %d others) | %.3f to %.3f | %.2f |%n",
        score,
        roc.area(),
        roc.positives().length,
        roc.negatives().length,
        interval[0],
        interval[1],
        roc.recall(1));
  }

  private static String models(Outcomes outcomes) {
    StringBuilder text =
        new StringBuilder(
            "| model | verdict | segments | seconds | peak MiB |\n|---|---|---|---|---|\n");
    for (JsonNode cell : outcomes.detections()) {
      List<String> segments = new ArrayList<>();
      cell.path("segments").forEach(s -> segments.add("`" + Outcomes.safe(s.asText()) + "`"));
      text.append(
          String.format(
              Locale.ROOT,
              "| %s | %s | %s | %.0f | %.0f |%n",
              cell.path("model").asText(),
              cell.path("verdict").asText("failed"),
              String.join(", ", segments),
              cell.path("seconds").asDouble(),
              cell.path("peakMebibytes").asDouble()));
    }
    return text.toString();
  }
}
