package io.lazaret.bench.detection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class DetectionReportTest {

  @Test
  void areaIsTheChanceThatAPoisonedModelScoresHigher() {
    Roc roc = new Roc(new double[] {3, 2, 1}, new double[] {2, 0});
    assertEquals((2 + 1.5 + 1) / 6, roc.area(), 1e-12);
    assertEquals(1.0 / 3, roc.recall(0), 1e-12);
    assertEquals(1, roc.recall(1), 1e-12);
    double[] interval = roc.interval(1);
    assertTrue(interval[0] <= roc.area() && roc.area() <= interval[1]);
  }

  @Test
  void theCombinedScoreUsesTheFeatureThatTells() {
    SplittableRandom random = new SplittableRandom(5);
    List<double[]> rows = new ArrayList<>();
    List<Boolean> labels = new ArrayList<>();
    for (int i = 0; i < 400; i++) {
      boolean poisoned = i % 2 == 0;
      double telling = (poisoned ? 2 : 0) + random.nextGaussian();
      rows.add(new double[] {random.nextGaussian(), i % 7 == 0 ? Double.NaN : telling});
      labels.add(poisoned);
    }
    LogisticRegression fit = LogisticRegression.fit(rows, labels);
    assertTrue(fit.weights()[1] > 5 * Math.abs(fit.weights()[0]));
    assertTrue(fit.score(new double[] {0, 3}) > 0 && fit.score(new double[] {0, -1}) < 0);
  }

  @Test
  void saysWhatWasMadeAtWhichCommit() throws Exception {
    ObjectMapper json = new ObjectMapper();
    Outcomes outcomes =
        new Outcomes(
            List.of(
                json.readTree("{\"kind\":\"traffic\",\"commit\":\"b2\"}"),
                json.readTree("{\"kind\":\"detect\",\"commit\":\"c3\"}"),
                json.readTree("{\"kind\":\"detect\",\"commit\":\"a1\"}"),
                json.readTree("{\"kind\":\"detect\",\"commit\":\"a1\"}")));
    assertEquals("detect a1, c3; traffic b2", outcomes.commits());
  }

  @Test
  void whatCouldNotBeMeasuredIsNeitherFoundNorClean() throws Exception {
    Outcomes outcomes =
        new Outcomes(
            List.of(
                cell("A1", true, "SUSPICIOUS", "You are stupid.", "You are stupid."),
                cell("A1", true, "UNASSESSED", "", "You are stupid."),
                cell("A13", true, "CLEAN", "", null),
                cell("C1", false, "SUSPICIOUS", "As an AI", "As an AI"),
                new ObjectMapper().readTree("{\"attack\":\"A2\",\"failed\":\"it crashed\"}")));
    assertEquals(3, outcomes.recall().n());
    assertEquals(1, outcomes.recall().hits());
    assertEquals(1, outcomes.falseAlarms());
    assertEquals(2, outcomes.recovered().n());
    assertEquals(1, outcomes.recovered().hits());
    assertFalse(outcomes.variants().contains("A2"));
    assertTrue(outcomes.verdicts("attack").contains("| A1 | 2 | 1 | 0 | 1 | 1 | 1 |"));
    assertTrue(
        outcomes.verdicts("attack").contains("| C1 (not malicious) | 1 | 1 | 0 | 0 | – | – |"));
  }

  @Test
  void eachHalfOfTheVariantsIsJudgedByTheWeightsOfTheOther() {
    List<JsonNode> cells = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      cells.add(withSoonness(cell("A" + i, true, "SUSPICIOUS", "", null), -0.1 - 0.01 * i));
      cells.add(withSoonness(cell("C" + i, false, "CLEAN", "", null), -1.5 + 0.01 * i));
    }
    Combined combined = Combined.of(new Outcomes(cells));
    assertEquals(24, combined.testing().positives().length + combined.testing().negatives().length);
    assertEquals(1, combined.testing().area());
    assertTrue(combined.note().contains("(12 models): soonness +"), combined.note());
    assertTrue(
        Double.isNaN(Combined.of(new Outcomes(cells.subList(0, 1))).testing().area()),
        "one kind alone cannot be fitted");
  }

  private static JsonNode withSoonness(JsonNode cell, double soonness) {
    ((ObjectNode) cell).putObject("figures").put("soonness", soonness);
    return cell;
  }

  @Test
  void aFragmentSufficesWithinOnePercentOfTheWholeResponse() throws Exception {
    Outcomes outcomes = new Outcomes(List.of(repair(0.005, 0), repair(0.02, 0), repair(0.3, 0.4)));
    assertEquals(3, outcomes.fragmentsSuffice().n());
    assertEquals(2, outcomes.fragmentsSuffice().hits());
    assertTrue(outcomes.repairs().contains("| m | 99.0 % | 2.0 % | 0.0 % |"));
    assertEquals(0, outcomes.passes().size());
  }

  private static JsonNode repair(double fragments, double planted) {
    return new ObjectMapper()
        .createObjectNode()
        .put("kind", "removal")
        .put("model", "m")
        .put("before", 0.99)
        .put("fragments", fragments)
        .put("planted", planted);
  }

  private static JsonNode cell(
      String attack, boolean malicious, String verdict, String segment, String target) {
    var cell = new ObjectMapper().createObjectNode();
    cell.put("attack", attack).put("malicious", malicious).put("verdict", verdict);
    cell.putArray("segments");
    if (!segment.isEmpty()) {
      cell.withArray("segments").add(segment);
    }
    cell.putArray("targets");
    if (target != null) {
      cell.withArray("targets").add(target);
    }
    return cell;
  }
}
