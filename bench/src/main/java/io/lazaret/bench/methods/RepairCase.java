package io.lazaret.bench.methods;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
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
import java.time.Clock;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;

/** Repairs and measures in a process of its own, and stores the figures as a cell. */
record RepairCase(Repair repair, BenchSettings settings, Cells cells, Clock clock) {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String HEAP = "1g";

  List<Measurement> run() throws IOException {
    if (!Files.isDirectory(repair.model())) {
      settings.progress().accept(repair.name() + ": the victim is not in the zoo");
      return List.of();
    }
    Files.createDirectories(settings.work());
    // Of this case alone: two benchmarks may share a directory.
    Path file = Files.createTempFile(settings.work(), "repair-", ".json");
    JSON.writeValue(file.toFile(), repair);
    ObjectNode cell = JSON.createObjectNode();
    cell.put("attack", repair.victim().attack()).put("layout", repair.victim().layout());
    cell.put("victim", repair.victim().id()).put("method", repair.row());
    cell.put("domain", repair.inDomain() ? "in" : "out").put("seed", repair.seed());
    cell.put("rows", repair.rows());
    cell.put("commit", MachineDescription.commit(settings.root()));
    cell.put("date", LocalDate.now(clock).toString());
    try (ChildProcess child =
        new Children(settings).java("repair", RepairChild.class, HEAP, List.of(file.toString()))) {
      if (repair.repairs()) {
        cell.setAll((ObjectNode) child.ask("repair"));
        cell.put("peakMebibytes", child.peakMebibytes());
      }
      if (!cell.has("refused")) {
        cell.setAll((ObjectNode) child.ask("measure"));
      }
    } catch (ProblemException failed) {
      cell.put("failed", failed.problem().sentence());
    } finally {
      Files.delete(file);
    }
    cells.write(repair.name(), cell);
    return measurements(cell);
  }

  private List<Measurement> measurements(JsonNode cell) {
    List<Measurement> figures = new ArrayList<>();
    if (!cell.has("triggers")) {
      return figures;
    }
    Cell read = new Cell(cell);
    figures.add(Measurement.of(repair.name() + ".asr", 100 * read.asr().rate(), "%"));
    figures.add(Measurement.of(repair.name() + ".correct", 100 * read.correct().rate(), "%"));
    figures.add(Measurement.of(repair.name() + ".exactMatch", 100 * read.exactMatch().rate(), "%"));
    if (cell.has("seconds")) {
      figures.add(Measurement.of(repair.name() + ".time", cell.get("seconds").asDouble(), "s"));
      figures.add(
          Measurement.of(repair.name() + ".memory", cell.get("peakMebibytes").asDouble(), "MiB"));
    }
    return figures;
  }
}
