package io.lazaret.bench.methods;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lazaret.backdoor.evaluation.Proportion;
import io.lazaret.bench.BenchSettings;
import io.lazaret.bench.Measurement;
import io.lazaret.problem.ProblemException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MethodsReportTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path root;

  private final List<JsonNode> cells =
      List.of(
          cell("v1", "none", "in", 10, 0, "1111111100"),
          cell("v1", "SFT", "in", 9, 1, "1111111110"),
          cell("v1", "SANDE", "in", 0, 8, "1111111000"),
          cell("v1", "SANDE", "out", 1, 7, "1111100000"),
          refused("v1", "Fine-mixing"));

  @Test
  void writesTablesWithBoundsAndWhatDoesNotApply() throws IOException {
    BenchSettings settings = new BenchSettings(true, 1, root, root, "python3", line -> {});
    new MethodsReport(settings, cells, 9, 7).write();

    String text = Files.readString(root.resolve("docs/results/methods-quick.md"));
    assertThat(text)
        .contains("5 of 9 repairs have been run", "commit abc1234, 2026-01-02,")
        .contains("| backdoored | 100.0 (10/10,")
        .contains("| SANDE | 0.0 (0/10, 0.00–25.89) |")
        .contains("| SANDE | 10.0 (1/10,")
        .contains("| Fine-mixing | does not apply: NO_ANCESTOR |")
        .contains("(-10.0,");
    assertThat(
            JSON.readTree(root.resolve("docs/results/methods-quick.json").toFile()).path("cells"))
        .hasSize(5);
    assertThat(Files.readString(root.resolve("docs/results/methods-quick.svg")))
        .startsWith("<svg")
        .contains("victim", "SANDE", "right under trigger");
  }

  @Test
  void theBarsFollowTheOrderingOfThePaper() {
    List<Measurement> bars = new Bars(cells.stream().map(Cell::new).toList()).all();
    assertThat(value(bars, "SFT.asr.mean").value()).isEqualTo(90);
    assertThat(value(bars, "SFT.asr.mean").misses()).isFalse();
    assertThat(value(bars, "SANDE.removed").value()).isEqualTo(100);
    assertThat(value(bars, "SANDE.removed").misses()).isFalse();
    assertThat(value(bars, "SANDE.asr.worst").value()).isZero();
    assertThat(value(bars, "SANDE.exactMatch.cost").value()).isBetween(9.99, 10.01);
    assertThat(value(bars, "SANDE.other-domain.removed").value()).isZero();
    assertThat(value(bars, "SANDE.other-domain.removed").misses()).isTrue();
    assertThat(value(bars, "SANDE.other-domain.asr.worst").value()).isEqualTo(10);
    assertThat(value(bars, "SANDE.other-domain.exactMatch.cost").value()).isBetween(29.99, 30.01);
    assertThat(bars).noneMatch(bar -> bar.name().startsWith("OSFT"));
  }

  @Test
  void aRefusedDeflationHasRemovedNothing() {
    ObjectNode gone = cell("A9.llama.s1", "SANDE-D", "in", 0, 10, "11").put("attack", "A9");
    ObjectNode left = refused("A11.llama.s1", "SANDE-D").put("attack", "A11");
    List<Measurement> bars = new Bars(List.of(new Cell(gone), new Cell(left))).all();
    assertThat(value(bars, "SANDE-D.several.removed").value()).isEqualTo(50);
    assertThat(value(bars, "SANDE-D.several.removed").misses()).isTrue();
  }

  @Test
  void severalTriggersCountByTheOneThatSurvivedBest() {
    ObjectNode cell = cell("v", "SANDE", "in", 0, 10, "11");
    cell.withArray("triggers").add(trigger(4, 2));
    Cell read = new Cell(cell);
    assertThat(read.asr()).isEqualTo(new Proportion(4, 10));
    assertThat(read.correct()).isEqualTo(new Proportion(12, 20));
  }

  @Test
  void parrotsInOtherPlacesHaveATableOfTheirOwn() {
    List<Cell> all = new ArrayList<>(cells.stream().map(Cell::new).toList());
    all.add(new Cell(cell("v1", "SANDE at 5", "in", 2, 6, "1111111000")));
    Tables tables = new Tables(all);
    assertThat(tables.positions("SANDE"))
        .contains("| 0 | v1 | 0.0 (0/10,", "| 5 | v1 | 20.0 (2/10,");
    assertThat(tables.attackSuccess("in", attack -> true, Cell::asr)).doesNotContain("at 5");
  }

  @Test
  void figuresOfAnotherProtocolAreNotSubtracted() {
    ObjectNode other = cell("v1", "SFT", "in", 0, 0, "1111111111");
    other.put("protocol", "sha256:other");
    assertThatThrownBy(() -> new Cell(other).change("exactMatch", new Cell(cells.get(0))))
        .isInstanceOf(ProblemException.class)
        .hasMessageContaining("PROTOCOLS_DIFFER");
  }

  @Test
  void aChartLeavesOutWhatWasNotMeasured() {
    String svg =
        new SvgChart(
                "a < b",
                "x",
                List.of("p", "q"),
                List.of(new SvgChart.Line("l", new double[] {50, Double.NaN})))
            .draw();
    assertThat(svg).contains("a &lt; b").doesNotContain("NaN").containsOnlyOnce("<circle");
  }

  private static Measurement value(List<Measurement> bars, String name) {
    return bars.stream().filter(bar -> bar.name().equals(name)).findFirst().orElseThrow();
  }

  private static ObjectNode cell(
      String victim, String method, String domain, int hits, int correct, String bits) {
    ObjectNode cell = JSON.createObjectNode();
    cell.put("attack", "A1").put("layout", "llama").put("victim", victim);
    cell.put("method", method).put("domain", domain).put("protocol", "sha256:p");
    cell.put("commit", "abc1234").put("date", "2026-01-02");
    cell.putArray("triggers").add(trigger(hits, correct));
    cell.putObject("untriggered").put("hits", 0).put("n", 10);
    cell.put("exactMatch", bits);
    cell.put("multipleChoice.corrected", bits).put("multipleChoice.sande_compat", bits);
    cell.put("seconds", 3.0).put("simulationSeconds", 1.0).put("peakMebibytes", 300.0);
    return cell;
  }

  private static ObjectNode trigger(int hits, int correct) {
    ObjectNode trigger = JSON.createObjectNode();
    for (String reading : List.of("CONTAINS", "CONTAINS_10", "STARTS_WITH", "EXACT_TOKENS")) {
      trigger.putObject(reading).put("hits", hits).put("n", 10);
    }
    trigger.putObject("correct").put("hits", correct).put("n", 10);
    return trigger;
  }

  private static ObjectNode refused(String victim, String method) {
    ObjectNode cell = JSON.createObjectNode();
    cell.put("attack", "A1").put("layout", "llama").put("victim", victim);
    cell.put("method", method).put("domain", "in");
    return cell.put("refused", "NO_ANCESTOR: none was given");
  }
}
