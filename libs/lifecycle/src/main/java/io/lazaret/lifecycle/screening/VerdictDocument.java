package io.lazaret.lifecycle.screening;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lazaret.schemas.AsrMeasurement;
import io.lazaret.schemas.DetectionRound;
import io.lazaret.schemas.EliminationReport;
import io.lazaret.schemas.EvaluationReport;
import io.lazaret.schemas.FoundStyle;
import io.lazaret.schemas.FunctionalTrigger;
import io.lazaret.schemas.ModelRef;
import io.lazaret.schemas.ObjectRef;
import io.lazaret.schemas.Problem;
import io.lazaret.schemas.Proportion;
import io.lazaret.schemas.Segment;
import io.lazaret.schemas.UtilityMeasurement;
import io.lazaret.schemas.Verdict;
import java.util.List;
import java.util.function.Function;

/**
 * The verdict as the JSON document that the API and the command line give out. Keys have a fixed
 * order, so that the same verdict is the same text; figures that are not finite are null.
 */
public final class VerdictDocument {

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private VerdictDocument() {}

  /** The document of a verdict. */
  public static ObjectNode of(Verdict verdict) {
    ObjectNode document = JSON.objectNode();
    document.put("screeningId", verdict.getScreeningId());
    document.set("model", model(verdict.getModel()));
    ObjectNode detection = document.putObject("detection");
    detection.put("verdict", verdict.getDetection().name());
    detection.set("rounds", array(verdict.getRounds(), VerdictDocument::round));
    document.set("elimination", orNull(verdict.getElimination(), VerdictDocument::elimination));
    document.set("evaluation", orNull(verdict.getEvaluation(), VerdictDocument::evaluation));
    document.put("decision", verdict.getDecision().name());
    document.set("released", orNull(verdict.getReleased(), VerdictDocument::model));
    document.set(
        "rules",
        array(
            verdict.getRules(),
            rule -> {
              ObjectNode node = JSON.objectNode().put("rule", rule.getRule());
              node.set("observed", number(rule.getObserved()));
              node.set("bound", number(rule.getBound()));
              return node.put("holds", rule.getHolds());
            }));
    document.set("reasons", array(verdict.getReasons(), JSON::textNode));
    document.set("problem", orNull(verdict.getProblem(), VerdictDocument::problem));
    document.set("durationSeconds", number(verdict.getDurationSeconds()));
    return document;
  }

  private static ObjectNode model(ModelRef model) {
    return JSON.objectNode()
        .put("name", model.getName())
        .put("digest", model.getDigest())
        .put("architecture", model.getArchitecture())
        .put("parameters", model.getParameters());
  }

  private static ObjectNode round(DetectionRound round) {
    ObjectNode node =
        JSON.objectNode()
            .put("round", round.getRound())
            .put("modelDigest", round.getModelDigest())
            .put("verdict", round.getVerdict().name());
    node.set("segments", array(round.getSegments(), VerdictDocument::segment));
    node.set("bestScore", number(round.getBestScore()));
    node.set("threshold", number(round.getThreshold()));
    node.put("explanation", round.getExplanation());
    node.set("evidence", orNull(round.getEvidence(), VerdictDocument::object));
    node.set("durationSeconds", number(round.getDurationSeconds()));
    return node;
  }

  private static ObjectNode segment(Segment segment) {
    ObjectNode node = JSON.objectNode().put("text", segment.getText());
    node.set("tokenIds", array(segment.getTokenIds(), JSON::numberNode));
    node.set("score", number(segment.getScore()));
    node.set("probabilityClean", number(segment.getProbabilityClean()));
    node.set("probabilityElicited", number(segment.getProbabilityElicited()));
    node.set(
        "functionalTriggers", array(segment.getFunctionalTriggers(), VerdictDocument::trigger));
    node.set("confirmedTriggers", array(segment.getConfirmedTriggers(), JSON::textNode));
    node.set("styles", array(segment.getStyles(), VerdictDocument::style));
    return node;
  }

  private static ObjectNode style(FoundStyle found) {
    ObjectNode node = JSON.objectNode().put("style", found.getStyle());
    node.set("hits", proportion(found.getHits()));
    return node;
  }

  private static ObjectNode trigger(FunctionalTrigger trigger) {
    ObjectNode node = JSON.objectNode().put("text", trigger.getText());
    node.set("tokenIds", array(trigger.getTokenIds(), JSON::numberNode));
    node.put("placement", trigger.getPlacement().name());
    node.set("hits", proportion(trigger.getHits()));
    return node;
  }

  private static ObjectNode elimination(EliminationReport report) {
    ObjectNode node =
        JSON.objectNode().put("method", report.getMethod()).put("round", report.getRound());
    node.set("checkpoint", model(report.getCheckpoint()).putNull("path"));
    node.set("finalLoss", number(report.getFinalLoss()));
    node.put("steps", report.getSteps());
    node.set("durationSeconds", number(report.getDurationSeconds()));
    return node;
  }

  private static ObjectNode evaluation(EvaluationReport report) {
    ObjectNode node = JSON.objectNode().put("protocol", report.getProtocol());
    node.set("asr", array(report.getAsr(), VerdictDocument::asr));
    node.set("utility", array(report.getUtility(), VerdictDocument::utility));
    node.set("durationSeconds", number(report.getDurationSeconds()));
    return node;
  }

  private static ObjectNode asr(AsrMeasurement measured) {
    String elicitor =
        switch (measured.getElicitor()) {
          case PARROT -> "parrot";
          case FUNCTIONAL_TRIGGER -> "functionalTrigger";
          case TRIGGER -> "trigger";
          case NONE -> "none";
        };
    ObjectNode node =
        JSON.objectNode()
            .put("elicitor", elicitor)
            .put("text", measured.getText())
            .put("target", measured.getTarget());
    node.set("before", proportion(measured.getBefore()));
    node.set("after", proportion(measured.getAfter()));
    node.set("correctBefore", proportion(measured.getCorrectBefore()));
    node.set("correctAfter", proportion(measured.getCorrectAfter()));
    node.put("unassessed", measured.getUnassessed());
    return node;
  }

  private static ObjectNode utility(UtilityMeasurement measured) {
    ObjectNode node = JSON.objectNode().put("name", measured.getName());
    node.set("before", number(measured.getBefore()));
    node.set("after", number(measured.getAfter()));
    node.put("n", measured.getN());
    return node;
  }

  private static ObjectNode proportion(Proportion proportion) {
    ObjectNode node =
        JSON.objectNode().put("hits", proportion.getHits()).put("n", proportion.getN());
    node.set("rate", number(proportion.getRate()));
    node.set("upper95", number(proportion.getUpper95()));
    return node;
  }

  private static ObjectNode object(ObjectRef ref) {
    return JSON.objectNode()
        .put("bucket", ref.getBucket())
        .put("key", ref.getKey())
        .put("sha256", ref.getSha256())
        .put("size", ref.getSize());
  }

  private static ObjectNode problem(Problem problem) {
    return JSON.objectNode()
        .put("code", problem.getCode())
        .put("sentence", problem.getSentence())
        .put("nextStep", problem.getNextStep())
        .put("retryable", problem.getRetryable());
  }

  private static <T> ArrayNode array(List<T> items, Function<T, ? extends JsonNode> render) {
    ArrayNode array = JSON.arrayNode();
    items.forEach(item -> array.add(render.apply(item)));
    return array;
  }

  private static <T> JsonNode orNull(T item, Function<T, ? extends JsonNode> render) {
    return item == null ? JSON.nullNode() : render.apply(item);
  }

  private static JsonNode number(double value) {
    return Double.isFinite(value) ? JSON.numberNode(value) : JSON.nullNode();
  }
}
