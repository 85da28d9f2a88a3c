package io.lazaret.console.stream;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lazaret.console.rest.AvroJson;
import io.lazaret.console.rest.TimelineJson;
import io.lazaret.console.view.Change;
import io.lazaret.eventing.Envelopes;
import io.lazaret.schemas.ChannelState;
import io.lazaret.schemas.Envelope;
import io.lazaret.schemas.StageProgress;
import org.apache.avro.specific.SpecificRecord;

/** Renders what is new. */
final class Messages {

  private Messages() {}

  static Message of(Change change) {
    SpecificRecord record = change.record();
    if (record instanceof StageProgress progress) {
      ObjectNode data = AvroJson.of(progress).put("model", progress.getModelName());
      return new Message(
          "progress",
          null,
          -1,
          -1,
          new Message.Subject(
              progress.getModelName(),
              progress.getScreeningId(),
              "StageProgress",
              progress.getStage().name()),
          data.toString());
    } else if (record instanceof ChannelState state) {
      String model = state.getEnvelope().getModelName();
      ObjectNode data = AvroJson.of(state).put("model", model);
      return new Message(
          "channel",
          null,
          -1,
          -1,
          new Message.Subject(model, "", "ChannelState", ""),
          data.toString());
    }
    return event(change);
  }

  private static Message event(Change change) {
    Envelope envelope = Envelopes.of(change.record());
    ObjectNode data = TimelineJson.of(change.place(), change.record(), true);
    return new Message(
        "event",
        change.reached(),
        change.place().partition(),
        change.place().offset(),
        new Message.Subject(
            envelope.getModelName(),
            envelope.getScreeningId(),
            envelope.getType(),
            data.path("stage").asText("")),
        data.toString());
  }
}
