package io.lazaret.console.rest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lazaret.console.view.Projection;
import io.lazaret.console.view.RuleWords;
import io.lazaret.lifecycle.screening.Screening;
import io.lazaret.lifecycle.screening.VerdictDocument;
import io.lazaret.schemas.AsrMeasurement;
import io.lazaret.schemas.BackdoorEliminated;
import io.lazaret.schemas.DetectionCompleted;
import io.lazaret.schemas.DetectionRound;
import io.lazaret.schemas.EvaluationCompleted;
import io.lazaret.schemas.EvaluationReport;
import io.lazaret.schemas.ModelIngested;
import io.lazaret.schemas.PromotionRequested;
import io.lazaret.schemas.Proportion;
import io.lazaret.schemas.RescreeningOpened;
import io.lazaret.schemas.RuleOutcome;
import io.lazaret.schemas.ScreeningInputs;
import io.lazaret.schemas.TriggerSimulated;
import io.lazaret.schemas.UtilityMeasurement;
import io.lazaret.schemas.Verdict;
import java.util.Set;
import org.apache.avro.specific.SpecificRecord;

/** Everything that the events of a screening tell, in the parts that its page shows. */
final class ScreeningDetail {

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private final String id;
  private final ArrayNode rounds = JSON.arrayNode();
  private final ArrayNode parrots = JSON.arrayNode();
  private JsonNode inputs = JSON.nullNode();
  private JsonNode elimination = JSON.nullNode();
  private JsonNode evaluation = JSON.nullNode();
  private Verdict verdict;

  private ScreeningDetail(String id) {
    this.id = id;
  }

  /** Events of which a history may have thousands, and that no part comes from. */
  private static final Set<String> PASSED_OVER = Set.of("StageFailed", "RequestRefused");

  /** Adds the parts to a summary. */
  static void addTo(ObjectNode summary, String id, Projection projection) {
    ScreeningDetail detail = new ScreeningDetail(id);
    projection.events(id, type -> !PASSED_OVER.contains(type)).forEach(detail::take);
    summary.set("inputs", detail.inputs);
    summary.set(
        "verdict", detail.verdict == null ? JSON.nullNode() : VerdictDocument.of(detail.verdict));
    summary.putObject("detection").set("rounds", detail.rounds);
    summary.putObject("simulation").set("parrots", detail.parrots);
    summary.set("elimination", detail.elimination);
    summary.set("evaluation", detail.evaluation);
    summary.set("gate", detail.verdict == null ? JSON.nullNode() : gate(detail.verdict));
  }

  private void take(SpecificRecord event) {
    if (event instanceof ModelIngested ingested) {
      inputs = inputs(ingested.getInputs());
    } else if (event instanceof RescreeningOpened opened) {
      inputs = inputs(opened.getInputs());
    } else if (event instanceof PromotionRequested asked) {
      inputs = inputs(asked.getInputs());
    } else if (event instanceof DetectionCompleted detected) {
      rounds.add(round(detected.getReport()));
    } else if (event instanceof TriggerSimulated simulated) {
      simulated.getParrots().forEach(parrot -> parrots.add(AvroJson.of(parrot)));
    } else if (event instanceof BackdoorEliminated eliminated) {
      elimination = AvroJson.of(eliminated.getReport());
    } else if (event instanceof EvaluationCompleted evaluated) {
      evaluation = evaluation(evaluated.getReport());
    }
    Verdict told = Screening.verdictOf(event);
    verdict = told == null ? verdict : told;
  }

  private static ObjectNode inputs(ScreeningInputs given) {
    return AvroJson.of(given);
  }

  private ObjectNode round(DetectionRound round) {
    ObjectNode node = AvroJson.of(round);
    if (round.getEvidence() != null) {
      ((ObjectNode) node.path("evidence"))
          .put("href", "/api/screenings/" + id + "/evidence/" + round.getRound());
    }
    return node;
  }

  private static ObjectNode evaluation(EvaluationReport report) {
    ObjectNode node = JSON.objectNode().put("protocol", report.getProtocol());
    ArrayNode asr = node.putArray("asr");
    report.getAsr().forEach(row -> asr.add(asr(row)));
    ArrayNode utility = node.putArray("utility");
    report.getUtility().forEach(row -> utility.add(utility(row)));
    return node.put("durationSeconds", report.getDurationSeconds());
  }

  private static ObjectNode asr(AsrMeasurement row) {
    ObjectNode node =
        JSON.objectNode()
            .put("elicitor", row.getElicitor().name())
            .put("text", row.getText())
            .put("target", row.getTarget());
    node.set("before", proportion(row.getBefore()));
    node.set("after", proportion(row.getAfter()));
    node.set("correctBefore", proportion(row.getCorrectBefore()));
    node.set("correctAfter", proportion(row.getCorrectAfter()));
    return node.put("unassessed", row.getUnassessed());
  }

  private static ObjectNode proportion(Proportion measured) {
    ObjectNode node = AvroJson.of(measured);
    double[] interval = Intervals.wilson(measured.getHits(), measured.getN());
    return node.put("lower", interval[0]).put("upper", interval[1]);
  }

  /** Rates get their interval; a perplexity has none that follows from its mean alone. */
  private static ObjectNode utility(UtilityMeasurement row) {
    ObjectNode node = AvroJson.of(row);
    boolean rate =
        row.getN() > 0
            && (row.getName().startsWith("exactMatch")
                || row.getName().startsWith("multipleChoice"));
    node.set("beforeInterval", rate ? interval(row.getBefore(), row.getN()) : JSON.nullNode());
    node.set("afterInterval", rate ? interval(row.getAfter(), row.getN()) : JSON.nullNode());
    return node;
  }

  private static JsonNode interval(double rate, int n) {
    if (!Double.isFinite(rate)) {
      return JSON.nullNode();
    }
    double[] bounds = Intervals.wilson(rate * n, n);
    return JSON.arrayNode().add(bounds[0]).add(bounds[1]);
  }

  private static ObjectNode gate(Verdict verdict) {
    ObjectNode node = JSON.objectNode().put("decision", verdict.getDecision().name());
    ArrayNode rules = node.putArray("rules");
    for (RuleOutcome rule : verdict.getRules()) {
      rules.add(
          AvroJson.of(rule)
              .put("title", RuleWords.title(rule.getRule()))
              .put("sentence", RuleWords.sentence(rule)));
    }
    ArrayNode reasons = node.putArray("reasons");
    verdict.getReasons().forEach(reasons::add);
    return node;
  }
}
