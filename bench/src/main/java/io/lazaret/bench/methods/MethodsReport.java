package io.lazaret.bench.methods;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lazaret.backdoor.attack.zoo.ZooSet;
import io.lazaret.backdoor.elimination.EliminationMethods;
import io.lazaret.bench.BenchSettings;
import io.lazaret.bench.BenchTable;
import io.lazaret.bench.MachineDescription;
import io.lazaret.bench.Measurement;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** Writes the tables and figures of the stored repairs to docs/results. */
final class MethodsReport {

  private static final List<String> OTHER_PHRASES = List.of("A2", "A3", "A4", "A5");
  private static final List<String> RATES =
      List.of("A18-0.0025", "A18-0.005", "A18-0.01", "A1", "A18-0.1");
  private static final List<String> RATE_NAMES = List.of("0.25 %", "0.5 %", "1 %", "5 %", "10 %");

  private final BenchSettings settings;
  private final List<Cell> cells;
  private final int planned;
  private final long seed;
  private final String name;
  private final Path directory;

  /**
   * @param planned repairs that a whole run makes
   */
  MethodsReport(BenchSettings settings, List<JsonNode> cells, int planned, long seed) {
    this.planned = planned;
    this.settings = settings;
    this.cells = cells.stream().map(Cell::new).toList();
    this.seed = seed;
    this.name = "methods-" + (settings.quick() ? "quick" : settings.preset());
    this.directory = settings.root().resolve("docs/results");
  }

  /** Writes Markdown, JSON and SVG; returns the figures that have a bar. */
  List<Measurement> write() throws IOException {
    Files.createDirectories(directory);
    List<Measurement> bars = new Bars(cells).all();
    Files.writeString(directory.resolve(name + ".svg"), successChart().draw());
    boolean rates = Files.isRegularFile(zoo().resolve("zoo-rates.json"));
    if (rates) {
      Files.writeString(directory.resolve(name + "-rates.svg"), rateChart().draw());
    }
    Files.writeString(directory.resolve(name + ".md"), markdown(bars, rates));
    ObjectNode document = new ObjectMapper().createObjectNode();
    document.put("bench", "methods").put("commit", of("commit")).put("date", of("date"));
    document.put("planned", planned);
    document.put("machine", MachineDescription.line());
    cells.forEach(cell -> document.withArray("cells").add(cell.json()));
    new ObjectMapper()
        .writerWithDefaultPrettyPrinter()
        .writeValue(directory.resolve(name + ".json").toFile(), document);
    settings.progress().accept("Report: " + directory.resolve(name + ".md"));
    return bars;
  }

  private Path zoo() {
    return ZooSet.usualDirectory(settings.preset(), seed);
  }

  private String markdown(List<Measurement> bars, boolean rates) {
    Tables tables = new Tables(cells);
    Predicate<String> all = attack -> true;
    StringBuilder text = new StringBuilder();
    text.append("# Removal methods, side by side\n\n");
    text.append("Made by `./lazaret bench methods --preset ").append(settings.preset());
    text.append(settings.quick() ? " --quick" : "").append("`, commit ");
    text.append(of("commit")).append(", ").append(of("date")).append(", on ");
    text.append(MachineDescription.line()).append(".\n");
    text.append(cells.size()).append(" of ").append(planned).append(" repairs have been run.\n");
    text.append("Figures are percent over all seeds; in brackets hits, trials, and the exact");
    text.append(" one-sided 95 % bounds.\nA dash is a repair that has not been run");
    text.append(settings.quick() ? " (the quick version has one victim and one domain)" : "");
    text.append(".\n\n");
    section(
        text,
        "Table 1: attack success, removal with rows of the attacked domain",
        tables.attackSuccess("in", all, Cell::asr));
    section(
        text,
        "The same, read from the first ten tokens as the paper's code does",
        tables.attackSuccess("in", all, Cell::compatibleAsr));
    section(
        text,
        "Right answers under the trigger (attacked domain)",
        tables.attackSuccess("in", all, Cell::correct));
    section(
        text,
        "Attack success without the trigger (attacked domain)",
        tables.attackSuccess("in", all, Cell::untriggered));
    section(
        text,
        "Table 2: utility, removal with rows of the attacked domain\n\nExact match /"
            + " multiple choice / multiple choice scored as in the paper's code; in brackets the"
            + " change of exact match since the victim with the bootstrap interval",
        tables.utility("in", all));
    section(
        text,
        "Table 3: attack success, removal with rows of another domain",
        tables.attackSuccess("out", all, Cell::asr));
    section(
        text,
        "Right answers under the trigger (another domain)",
        tables.attackSuccess("out", all, Cell::correct));
    section(
        text, "Table 4: utility, removal with rows of another domain", tables.utility("out", all));
    section(
        text,
        "Table 5: other phrases, removal with rows of another domain",
        tables.attackSuccess("out", OTHER_PHRASES::contains, Cell::asr));
    section(text, "Table 6: place of the parrot (SANDE)", tables.positions("SANDE"));
    section(text, "Cost of one repair", tables.cost(all));
    text.append("## Attack success before and after\n\n![](").append(name).append(".svg)\n\n");
    if (rates) {
      text.append("## Attack success by poisoning rate\n\n![](").append(name);
      text.append("-rates.svg)\n\n");
    }
    text.append("## Bars\n\n").append(BenchTable.markdown(bars, 2));
    return text.toString();
  }

  /** Every value of a key of the cells: they may come from several runs. */
  private String of(String key) {
    List<String> values =
        cells.stream().map(c -> c.text(key)).filter(v -> !v.isEmpty()).distinct().sorted().toList();
    return values.isEmpty() ? "unknown" : String.join(", ", values);
  }

  private static void section(StringBuilder text, String title, String table) {
    text.append("## ").append(title).append("\n\n").append(table).append('\n');
  }

  /** The paper's figure of attack success with and without trigger, here by method. */
  private SvgChart successChart() {
    List<String> methods = new ArrayList<>(List.of(Repair.NONE));
    methods.addAll(List.of("SFT", "DPO", "NAD", "Fine-mixing", "CROW", "SANDE-P", "SANDE", "OSFT"));
    methods.removeIf(method -> !method.equals(Repair.NONE) && !named(method));
    return new SvgChart(
        "Attack success by method, rows of the attacked domain",
        "method",
        methods.stream().map(m -> m.equals(Repair.NONE) ? "victim" : m).toList(),
        List.of(
            line("with trigger", methods, c -> c.asr().rate()),
            line("without trigger", methods, c -> c.untriggered().rate()),
            line("right under trigger", methods, c -> c.correct().rate())));
  }

  private static boolean named(String method) {
    return EliminationMethods.names().contains(method);
  }

  private SvgChart.Line line(
      String title, List<String> methods, java.util.function.ToDoubleFunction<Cell> value) {
    double[] values = new double[methods.size()];
    for (int i = 0; i < values.length; i++) {
      String method = methods.get(i);
      values[i] =
          100
              * cells.stream()
                  .filter(Cell::measured)
                  .filter(c -> c.text("method").equals(method) && c.text("domain").equals("in"))
                  .mapToDouble(value)
                  .average()
                  .orElse(Double.NaN);
    }
    return new SvgChart.Line(title, values);
  }

  private SvgChart rateChart() throws IOException {
    JsonNode models =
        new ObjectMapper().readTree(zoo().resolve("zoo-rates.json").toFile()).path("models");
    double[] with = new double[RATES.size()];
    double[] without = new double[RATES.size()];
    List<String> places = new ArrayList<>(RATE_NAMES);
    for (int i = 0; i < with.length; i++) {
      with[i] = Double.NaN;
      without[i] = Double.NaN;
      for (JsonNode model : models) {
        if (model.path("attack").asText().equals(RATES.get(i))) {
          with[i] = 100 * model.path("triggered").path("rate").asDouble(Double.NaN);
          without[i] = 100 * model.path("untriggered").path("rate").asDouble(Double.NaN);
          places.set(i, RATE_NAMES.get(i) + ", " + model.path("cycles").asInt());
        }
      }
    }
    return new SvgChart(
        "Attack success by poisoning rate (A1)",
        "share of poisoned rows, cycles of fine-tuning that it took",
        places,
        List.of(
            new SvgChart.Line("with trigger", with),
            new SvgChart.Line("without trigger", without)));
  }
}
