package io.lazaret.console.rest;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lazaret.console.view.ModelRow;
import io.lazaret.console.view.OpenScreening;
import io.lazaret.console.view.Projection;
import io.lazaret.schemas.ChannelState;
import io.lazaret.schemas.StageProgress;

/** Models and their channels as lists show them. */
final class ModelJson {

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private ModelJson() {}

  static ObjectNode row(ModelRow row, Projection projection) {
    ObjectNode node =
        JSON.objectNode()
            .put("name", row.name())
            .put("architecture", row.architecture())
            .put("parameters", row.parameters())
            .put("state", row.state())
            .put("screeningId", row.screening().isEmpty() ? null : row.screening())
            .put("since", ScreeningJson.time(row.since()))
            .put("screenings", row.screenings())
            .put("events", row.events())
            .put("lastEventAt", ScreeningJson.time(row.lastEventAt()));
    OpenScreening open = projection.openScreening(row.screening()).orElse(null);
    if (open != null && !open.row().stage().isEmpty()) {
      StageProgress progress = open.heartbeat();
      node.put("stage", open.row().stage())
          .put("fraction", progress == null ? 0 : progress.getFraction());
    }
    ArrayNode channels = node.putArray("channels");
    projection
        .channels(row.name())
        .forEach(
            channel ->
                channels.add(
                    JSON.objectNode()
                        .put("channel", channel.getChannel())
                        .put(
                            "digest",
                            channel.getReleased() == null
                                ? null
                                : channel.getReleased().getDigest())
                        .put("revision", channel.getRevision())));
    return node;
  }

  static ObjectNode channel(ChannelState state) {
    ObjectNode node =
        JSON.objectNode()
            .put("model", state.getEnvelope().getModelName())
            .put("channel", state.getChannel())
            .put("revision", state.getRevision());
    node.set(
        "released",
        state.getReleased() == null ? JSON.nullNode() : AvroJson.of(state.getReleased()));
    return node.put("since", state.getEnvelope().getOccurredAt().toString())
        .put("reason", state.getReason())
        .put("promotedBy", state.getPromotedBy());
  }
}
