package io.lazaret.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lazaret.problem.ProblemException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Runs the cases of a benchmark and remembers each finished one in the work directory, so that a
 * run that was ended early can go on.
 */
public final class BenchRun {

  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final Benchmark benchmark;
  private final BenchSettings settings;
  private final Clock clock;

  public BenchRun(Benchmark benchmark, BenchSettings settings, Clock clock) {
    this.benchmark = benchmark;
    this.settings = settings;
    this.clock = clock;
  }

  /**
   * Measures.
   *
   * @param only cases whose name begins so; empty for all
   * @param resume take what an earlier run of the same kind has finished instead of measuring it
   *     again
   */
  public BenchDocument run(String only, boolean resume) throws Exception {
    List<BenchCase> cases =
        benchmark.cases(settings).stream().filter(c -> c.name().startsWith(only)).toList();
    if (cases.isEmpty()) {
      throw ProblemException.of(
          "BENCH_CASE_UNKNOWN",
          "No case of the benchmark " + benchmark.name() + " begins with '" + only + "'.",
          "Leave --only away to see the names of the cases as they run.");
    }
    Path file = finishedFile();
    Map<String, List<Measurement>> finished = resume ? read(file) : new LinkedHashMap<>();
    // A part measured anew leaves the rest of an earlier run; what is appended last counts.
    if (!resume && only.isEmpty()) {
      Files.deleteIfExists(file);
    }
    List<Measurement> measurements = new ArrayList<>();
    for (BenchCase part : cases) {
      List<Measurement> figures = part.kept() ? finished.get(part.name()) : null;
      if (figures == null) {
        settings.progress().accept(benchmark.name() + ": " + part.name());
        figures = part.measure().call();
        // What could not be measured yet, as a model that is not there, is tried again.
        if (part.kept() && !figures.isEmpty()) {
          append(file, part.name(), figures);
        }
      }
      measurements.addAll(figures);
    }
    return new BenchDocument(
        benchmark.name(),
        MachineDescription.commit(settings.root()),
        MachineDescription.line(),
        clock.instant(),
        benchmark.notes(settings),
        List.copyOf(measurements));
  }

  private Path finishedFile() throws IOException {
    Files.createDirectories(settings.work());
    String kind = settings.quick() ? "quick" : "full";
    return settings
        .work()
        .resolve(benchmark.name() + "-" + kind + "-" + settings.threads() + ".finished.jsonl");
  }

  private static void append(Path file, String name, List<Measurement> figures) throws IOException {
    ObjectNode line = MAPPER.createObjectNode().put("case", name);
    var list = line.putArray("measurements");
    for (Measurement figure : figures) {
      ObjectNode node = list.addObject();
      node.put("name", figure.name()).put("value", figure.value()).put("unit", figure.unit());
      if (figure.bar() != null) {
        node.put("side", figure.bar().side().name()).put("limit", figure.bar().limit());
      }
    }
    Files.writeString(
        file,
        MAPPER.writeValueAsString(line) + "\n",
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
  }

  private static Map<String, List<Measurement>> read(Path file) {
    Map<String, List<Measurement>> finished = new LinkedHashMap<>();
    if (!Files.exists(file)) {
      return finished;
    }
    try {
      for (String line : Files.readAllLines(file)) {
        JsonNode node = MAPPER.readTree(line);
        List<Measurement> figures = new ArrayList<>();
        node.path("measurements").forEach(figure -> figures.add(measurement(figure)));
        finished.put(node.path("case").asText(), figures);
      }
      return finished;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Measurement measurement(JsonNode node) {
    Bar bar =
        node.has("side")
            ? new Bar(Bar.Side.valueOf(node.path("side").asText()), node.path("limit").asDouble())
            : null;
    return new Measurement(
        node.path("name").asText(), node.path("value").asDouble(), node.path("unit").asText(), bar);
  }
}
