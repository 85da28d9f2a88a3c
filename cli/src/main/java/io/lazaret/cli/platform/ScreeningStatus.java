package io.lazaret.cli.platform;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * How far a screening has come.
 *
 * @param stage stage at work; empty when none is
 * @param round 1 for the first pass
 * @param fraction of the stage, 0 to 1
 * @param etaSeconds time that the stage still needs; negative when unknown
 * @param message what the stage is doing
 * @param verdict the verdict document; null until there is one
 */
public record ScreeningStatus(
    String screeningId,
    String state,
    String stage,
    int round,
    double fraction,
    double etaSeconds,
    String message,
    JsonNode verdict) {

  static ScreeningStatus of(JsonNode json) {
    JsonNode verdict = json.path("verdict");
    return new ScreeningStatus(
        json.path("screeningId").asText(),
        json.path("state").asText(),
        json.path("stage").asText(""),
        json.path("round").asInt(1),
        json.path("fraction").asDouble(0),
        json.path("etaSeconds").asDouble(-1),
        json.path("message").asText(""),
        verdict.isObject() ? verdict : null);
  }
}
