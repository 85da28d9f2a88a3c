package io.lazaret.console.rest;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lazaret.console.view.OpenScreening;
import io.lazaret.console.view.ScreeningRow;
import io.lazaret.lifecycle.screening.Screening;
import io.lazaret.schemas.StageProgress;
import java.time.Instant;

/** A screening as lists show it. */
final class ScreeningJson {

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private ScreeningJson() {}

  /**
   * @param row what is recorded
   * @param open the screening in memory; null when it is closed
   */
  static ObjectNode summary(ScreeningRow row, OpenScreening open) {
    ObjectNode node = JSON.objectNode().put("screeningId", row.id());
    node.set(
        "model",
        JSON.objectNode()
            .put("name", row.model())
            .put("digest", row.digest())
            .put("architecture", row.architecture())
            .put("parameters", row.parameters()));
    node.put("startedAt", time(row.startedAt()))
        .put("updatedAt", time(row.updatedAt()))
        .put("events", row.sequence() + 1)
        .put("sequence", row.sequence())
        .put("state", row.state())
        .put("open", row.open())
        .put("requestedBy", row.requestedBy())
        .put("failed", row.failed());
    if (!row.cause().isEmpty()) {
      node.put("rescreening", row.cause()).put("reason", row.reason());
    }
    node.put("decision", row.decision().isEmpty() ? null : row.decision())
        .put("decidedAt", time(row.decidedAt()))
        .put("why", row.why().isEmpty() ? null : row.why());
    node.put("stage", row.stage().isEmpty() ? null : row.stage());
    if (!row.stage().isEmpty()) {
      work(node, row, open == null ? null : open.heartbeat());
    }
    if (open != null && open.state() instanceof Screening.AwaitingApproval waiting) {
      node.set("awaiting", awaiting(waiting));
    }
    return node;
  }

  private static void work(ObjectNode node, ScreeningRow row, StageProgress progress) {
    node.put("round", row.round())
        .put("attempt", row.attempt())
        .put("since", time(row.stageSince()))
        .put("fraction", progress == null ? 0 : progress.getFraction())
        .put("etaSeconds", progress == null ? null : progress.getEtaSeconds())
        .put("message", progress == null ? "waiting for a worker" : progress.getMessage());
  }

  private static ObjectNode awaiting(Screening.AwaitingApproval waiting) {
    ObjectNode node =
        JSON.objectNode()
            .put("needed", waiting.needed())
            .put("until", waiting.until().toString())
            .put("requestedBy", waiting.requestedBy());
    ArrayNode given = node.putArray("approvals");
    waiting.approvals().forEach(approval -> given.add(AvroJson.of(approval)));
    return node;
  }

  /** ISO 8601, or null for 0. */
  static String time(long millis) {
    return millis == 0 ? null : Instant.ofEpochMilli(millis).toString();
  }
}
