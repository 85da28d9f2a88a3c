package io.lazaret.console;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lazaret.checkpoints.ReleaseObjects;
import io.lazaret.eventing.Envelopes;
import io.lazaret.lifecycle.policy.Policy;
import io.lazaret.lifecycle.release.Releases;
import io.lazaret.problem.ProblemException;
import io.lazaret.schemas.ChannelState;
import io.lazaret.schemas.PolicyAdopted;
import io.lazaret.schemas.TriggerIntelligence;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import org.apache.avro.specific.SpecificRecord;

/** Channels, what waits for persons, trigger intelligence, policies, attestations. */
@Path("/api")
@Produces(MediaType.APPLICATION_JSON)
public class ReleaseResource {

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  @Inject Projection projection;
  @Inject ReleaseObjects objects;

  /** Every channel, or those of one model. */
  @GET
  @Path("releases")
  public ArrayNode channels(@QueryParam("model") String model) {
    ArrayNode array = JSON.arrayNode();
    projection.channels().values().stream()
        .filter(c -> model == null || c.getEnvelope().getModelName().equals(model))
        .forEach(channel -> array.add(channel(channel)));
    return array;
  }

  private static ObjectNode channel(ChannelState state) {
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

  /** Screenings whose release persons have to decide on. */
  @GET
  @Path("releases/waiting")
  public ArrayNode waiting() {
    ArrayNode array = JSON.arrayNode();
    projection.waiting().forEach(view -> array.add(view.toJson()));
    return array;
  }

  /** Everything that happened to a model, of all its histories, in the order of the record. */
  @GET
  @Path("releases/history")
  public ArrayNode history(@QueryParam("model") String model) {
    ArrayNode array = JSON.arrayNode();
    for (SpecificRecord event : RecordResource.known(projection, model)) {
      ObjectNode node = JSON.objectNode().put("event", event.getSchema().getName());
      node.set("record", AvroJson.of(event));
      array.add(node);
    }
    return array;
  }

  @GET
  @Path("triggers")
  public ArrayNode triggers() {
    ArrayNode array = JSON.arrayNode();
    projection.record(Releases.ALL_MODELS).stream()
        .filter(TriggerIntelligence.class::isInstance)
        .forEach(known -> array.add(AvroJson.of((TriggerIntelligence) known)));
    return array;
  }

  /** The policy in force for a model that is screened without one of its own. */
  @GET
  @Path("policies")
  public ObjectNode policy(@QueryParam("model") String model) {
    PolicyAdopted adopted =
        model == null
            ? null
            : projection.record(model).stream()
                .filter(PolicyAdopted.class::isInstance)
                .map(PolicyAdopted.class::cast)
                .reduce((earlier, later) -> later)
                .orElse(null);
    Policy policy = adopted == null ? Policy.standard() : Policy.parse(adopted.getPolicy());
    ObjectNode node = JSON.objectNode().put("model", model).put("digest", policy.digest());
    node.put("adoptedBy", adopted == null ? null : adopted.getActor());
    node.put("reason", adopted == null ? null : adopted.getReason());
    node.put("since", adopted == null ? null : Envelopes.of(adopted).getOccurredAt().toString());
    return node.put("policy", policy.canonicalJson());
  }

  /** The signed attestation of a release, as it stands in the object store. */
  @GET
  @Path("releases/attestation")
  public byte[] attestation(
      @QueryParam("model") String model,
      @QueryParam("channel") String channel,
      @QueryParam("revision") long revision) {
    if (model == null || channel == null) {
      throw ProblemException.of(
          "REQUEST_INCOMPLETE", "model and channel are needed.", "Give both, and a revision.");
    }
    return objects
        .read(ReleaseObjects.attestationKey(model, channel, revision))
        .orElseThrow(ReleaseResource::unknown);
  }

  /** A public key that attestations are checked with, as PEM text. */
  @GET
  @Path("releases/keys/{id}")
  @Produces(MediaType.TEXT_PLAIN)
  public byte[] key(@PathParam("id") String id) {
    return objects.read(ReleaseObjects.publicKey(id)).orElseThrow(ReleaseResource::unknown);
  }

  private static ProblemException unknown() {
    return ProblemException.of(
        "ATTESTATION_UNKNOWN",
        "The store has no such attestation or key.",
        "It is written a moment after the release; look at the log of orchestration.");
  }
}
