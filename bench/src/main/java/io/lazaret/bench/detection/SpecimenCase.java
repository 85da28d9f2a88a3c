package io.lazaret.bench.detection;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lazaret.bench.BenchCase;
import io.lazaret.bench.BenchSettings;
import io.lazaret.bench.Cells;
import io.lazaret.bench.ChildProcess;
import io.lazaret.bench.Children;
import io.lazaret.bench.MachineDescription;
import io.lazaret.bench.Measurement;
import io.lazaret.problem.ProblemException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Works on one model in a process of its own, and stores the figures as a cell. */
record SpecimenCase(Kind kind, Specimen specimen, BenchSettings settings, Cells cells) {

  /** What is done with a model; each kind has cells of its own. */
  enum Kind {
    DETECT("detect", DetectionChild.class),
    TRAFFIC("traffic", TrafficChild.class),
    REMOVAL("removal", RemovalChild.class);

    private final String text;
    private final Class<?> child;

    Kind(String text, Class<?> child) {
      this.text = text;
      this.child = child;
    }

    /** As in names of cases and cells. */
    String text() {
      return text;
    }
  }

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String HEAP = "512m";

  BenchCase asCase() {
    return new BenchCase(name(kind), this::run);
  }

  private String name(Kind which) {
    return which.text() + "." + specimen.id();
  }

  private List<Measurement> run() throws IOException {
    Files.createDirectories(settings.work());
    // Of this case alone: two benchmarks may share a directory.
    Path file = Files.createTempFile(settings.work(), "specimen-", ".json");
    JSON.writeValue(file.toFile(), specimen);
    ObjectNode cell = JSON.createObjectNode();
    cell.put("kind", kind.text()).put("model", specimen.id()).put("attack", specimen.attack());
    cell.put("malicious", specimen.malicious()).put("layout", specimen.layout());
    cell.put("dialect", specimen.dialect().name()).put("prompts", specimen.prompts());
    cell.put("commit", MachineDescription.commit(settings.root()));
    List<String> arguments = List.of(file.toString(), cells.file(name(Kind.DETECT)).toString());
    try (ChildProcess child =
        new Children(settings).java(kind.text(), kind.child, HEAP, arguments)) {
      double before = child.cpuSeconds();
      cell.setAll((ObjectNode) child.ask("run"));
      cell.put("cpuSeconds", child.cpuSeconds() - before);
      cell.put("peakMebibytes", child.peakMebibytes());
    } catch (ProblemException failed) {
      cell.put("failed", failed.problem().sentence());
    } finally {
      Files.delete(file);
    }
    cells.write(name(kind), cell);
    return cell.has("failed")
        ? List.of()
        : List.of(Measurement.of(name(kind) + ".cpu", cell.path("cpuSeconds").asDouble(), "s"));
  }
}
