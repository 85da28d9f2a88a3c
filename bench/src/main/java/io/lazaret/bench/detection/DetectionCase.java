package io.lazaret.bench.detection;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lazaret.bench.BenchSettings;
import io.lazaret.bench.Cells;
import io.lazaret.bench.ChildProcess;
import io.lazaret.bench.Children;
import io.lazaret.bench.Measurement;
import io.lazaret.problem.ProblemException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Screens one model in a process of its own, and stores the figures as a cell. */
record DetectionCase(Specimen specimen, BenchSettings settings, Cells cells) {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String HEAP = "512m";

  List<Measurement> run() throws IOException {
    Path file = settings.work().resolve("specimen.json");
    Files.createDirectories(settings.work());
    JSON.writeValue(file.toFile(), specimen);
    ObjectNode cell = JSON.createObjectNode();
    cell.put("model", specimen.id()).put("attack", specimen.attack());
    cell.put("malicious", specimen.malicious()).put("layout", specimen.layout());
    cell.put("dialect", specimen.dialect().name()).put("prompts", specimen.prompts());
    try (ChildProcess child =
        new Children(settings)
            .java("detection", DetectionChild.class, HEAP, List.of(file.toString()))) {
      double before = child.cpuSeconds();
      cell.setAll((ObjectNode) child.ask("detect"));
      cell.put("cpuSeconds", child.cpuSeconds() - before);
      cell.put("peakMebibytes", child.peakMebibytes());
      cell.setAll((ObjectNode) child.ask("traffic"));
    } catch (ProblemException failed) {
      cell.put("failed", failed.problem().sentence());
    }
    cells.write(specimen.id(), cell);
    return List.of();
  }
}
