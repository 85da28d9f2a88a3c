package io.lazaret.console.rest;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lazaret.eventing.Envelopes;
import io.lazaret.schemas.ApprovalGiven;
import io.lazaret.schemas.Envelope;
import io.lazaret.schemas.ReleaseHeld;
import io.lazaret.schemas.ReleaseRejected;
import org.apache.avro.specific.SpecificRecord;

/** What persons decided about a release. */
final class Decisions {

  private Decisions() {}

  static ObjectNode json(SpecificRecord event) {
    Envelope envelope = Envelopes.of(event);
    ObjectNode node =
        JsonNodeFactory.instance
            .objectNode()
            .put("screeningId", envelope.getScreeningId())
            .put("model", envelope.getModelName())
            .put("givenAt", envelope.getOccurredAt().toString());
    if (event instanceof ApprovalGiven given) {
      return told(
          node, "APPROVED", given.getApproval().getActor(), given.getApproval().getReason());
    } else if (event instanceof ReleaseRejected rejected) {
      return told(node, "REJECTED", rejected.getActor(), rejected.getReason());
    } else if (event instanceof ReleaseHeld held) {
      return told(node, "HELD", held.getActor(), held.getReason());
    }
    return told(node, "EXPIRED", "", "");
  }

  private static ObjectNode told(ObjectNode node, String decision, String actor, String reason) {
    return node.put("decision", decision).put("actor", actor).put("reason", reason);
  }
}
