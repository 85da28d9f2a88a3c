package io.lazaret.console.rest;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lazaret.checkpoints.ObjectStore;
import io.lazaret.checkpoints.StoredObject;
import io.lazaret.console.view.Projection;
import io.lazaret.problem.ProblemException;
import io.lazaret.schemas.DetectionCompleted;
import io.lazaret.schemas.DetectionRound;
import io.lazaret.schemas.ObjectRef;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Request;
import jakarta.ws.rs.core.Response;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.function.Predicate;

/** What detection saw, pass by pass. */
@Path("/api/screenings/{id}/evidence")
@Produces(MediaType.APPLICATION_JSON)
public class EvidenceResource {

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  /** Bytes of evidence that are given out as one document. */
  private static final long LARGEST = 32L << 20;

  @Inject Projection projection;
  @Inject ObjectStore objects;

  /** Where the evidence of each pass of detection is. */
  @GET
  public Response ofScreening(@PathParam("id") String id, @Context Request request) {
    ObjectNode node = JSON.objectNode();
    ArrayNode items = node.putArray("items");
    for (DetectionRound round : rounds(id)) {
      ObjectRef ref = round.getEvidence();
      if (ref != null) {
        items.add(
            JSON.objectNode()
                .put("round", round.getRound())
                .put("sha256", ref.getSha256())
                .put("size", ref.getSize())
                .put("href", "/api/screenings/" + id + "/evidence/" + round.getRound()));
      }
    }
    return Documents.of(request, node.putNull("next"));
  }

  /** The evidence of one pass, as the detector wrote it. */
  @GET
  @Path("{round}")
  public byte[] ofRound(@PathParam("id") String id, @PathParam("round") String round)
      throws IOException {
    return read(id, each -> Integer.toString(each.getRound()).equals(round));
  }

  byte[] read(String screening, Predicate<DetectionRound> which) throws IOException {
    ObjectRef ref =
        rounds(screening).stream()
            .filter(each -> each.getEvidence() != null)
            .filter(which)
            .map(DetectionRound::getEvidence)
            .reduce((earlier, later) -> later)
            .orElseThrow(EvidenceResource::unknown);
    if (ref.getSize() > LARGEST) {
      throw ProblemException.of(
          "EVIDENCE_TOO_LARGE",
          "The evidence has " + ref.getSize() + " bytes.",
          "Read it with GET /api/record/{id}/objects/{sha256}.");
    }
    // Whole before the first byte is sent: what is missing or damaged becomes a problem.
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    objects.read(
        new StoredObject(ref.getBucket(), ref.getKey(), ref.getSha256(), ref.getSize()), content);
    return content.toByteArray();
  }

  private List<DetectionRound> rounds(String id) {
    if (projection.row(id).isEmpty()) {
      throw Projection.unknownScreening();
    }
    return projection.events(id, "DetectionCompleted"::equals).stream()
        .map(event -> ((DetectionCompleted) event).getReport())
        .toList();
  }

  static ProblemException unknown() {
    return ProblemException.of(
        "OBJECT_NOT_FOUND",
        "There is no such evidence.",
        "List it with GET /api/screenings/{id}/evidence.");
  }
}
