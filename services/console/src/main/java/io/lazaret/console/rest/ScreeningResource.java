package io.lazaret.console.rest;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lazaret.checkpoints.ObjectStore;
import io.lazaret.checkpoints.StoredObject;
import io.lazaret.console.record.Portion;
import io.lazaret.console.view.Curve;
import io.lazaret.console.view.Lists;
import io.lazaret.console.view.OpenScreening;
import io.lazaret.console.view.Projection;
import io.lazaret.console.view.ScreeningRow;
import io.lazaret.problem.ProblemException;
import io.lazaret.schemas.DetectionCompleted;
import io.lazaret.schemas.DetectionRound;
import io.lazaret.schemas.ObjectRef;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Request;
import jakarta.ws.rs.core.Response;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Objects;

/** Screenings, their evidence and their record. */
@Path("/api/screenings")
@Produces(MediaType.APPLICATION_JSON)
public class ScreeningResource {

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  /** Bytes of evidence that are given out as one document. */
  private static final long LARGEST_EVIDENCE = 32L << 20;

  @Inject Projection projection;
  @Inject TimelineReader timelines;
  @Inject Actions actions;
  @Inject ObjectStore objects;

  /** Newest first; of a model, or in a state: a stage, a decision, OPEN or WAITING. */
  @GET
  public Response screenings(
      @QueryParam("model") String model,
      @QueryParam("state") String state,
      @QueryParam("limit") String limit,
      @QueryParam("cursor") String cursor,
      @Context Request request) {
    return Documents.of(request, page(model, state, Paging.of(limit, cursor)));
  }

  private ObjectNode page(String model, String state, Paging paging) {
    String list = list(model, state);
    Portion<String> ids = projection.store().list(list, paging.from(), paging.limit());
    List<ScreeningRow> rows =
        ids.items().stream()
            .map(id -> projection.row(id).orElse(null))
            .filter(Objects::nonNull)
            .filter(row -> model == null || state == null || in(row, state))
            .toList();
    ObjectNode page = Paging.page(new Portion<>(rows, ids.next()), this::summary);
    return list.equals(Lists.SCREENINGS) ? page.put("total", projection.screeningCount()) : page;
  }

  private static String list(String model, String state) {
    if (model != null) {
      return Lists.ofModel(model);
    } else if (state == null) {
      return Lists.SCREENINGS;
    }
    return switch (state) {
      case "OPEN" -> Lists.OPEN;
      case "WAITING" -> Lists.WAITING;
      default -> Lists.inState(state);
    };
  }

  private static boolean in(ScreeningRow row, String state) {
    return switch (state) {
      case "OPEN" -> row.open();
      case "WAITING" -> row.waiting();
      default -> row.state().equals(state);
    };
  }

  private ObjectNode summary(ScreeningRow row) {
    return ScreeningJson.summary(row, projection.openScreening(row.id()).orElse(null));
  }

  /** Everything about one. */
  @GET
  @Path("{id}")
  public Response screening(@PathParam("id") String id, @Context Request request) {
    ScreeningRow row = known(id);
    OpenScreening open = projection.openScreening(id).orElse(null);
    ObjectNode node = ScreeningJson.summary(row, open);
    ScreeningDetail.addTo(node, id, projection.events(id));
    node.set("actions", actions.of(row, open));
    return Documents.of(request, node, Long.toString(row.sequence()));
  }

  /** The record, in sequence. */
  @GET
  @Path("{id}/events")
  public Response events(
      @PathParam("id") String id,
      @QueryParam("order") String order,
      @QueryParam("body") String body,
      @QueryParam("fold") String fold,
      @QueryParam("limit") String limit,
      @QueryParam("cursor") String cursor,
      @Context Request request) {
    ScreeningRow row = known(id);
    var wanted = TimelineReader.Wanted.of(null, null, order, body, fold, false);
    ObjectNode page = timelines.history(id, wanted, Paging.of(limit, cursor));
    return Documents.of(request, page.put("total", row.sequence() + 1));
  }

  /** Figures of the trainings, as heartbeats told them. */
  @GET
  @Path("{id}/curves")
  public Response curves(@PathParam("id") String id, @Context Request request) {
    known(id);
    ObjectNode node = JSON.objectNode();
    ArrayNode series = node.putArray("series");
    projection.curves(id).forEach(curve -> series.add(curve(curve)));
    return Documents.of(request, node);
  }

  private static ObjectNode curve(Curve curve) {
    ObjectNode node =
        JSON.objectNode()
            .put("stage", curve.stage())
            .put("round", curve.round())
            .put("attempt", curve.attempt())
            .put("jobId", curve.jobId())
            .put("label", curve.label());
    ArrayNode points = node.putArray("points");
    for (double[] point : curve.points()) {
      points
          .addArray()
          .add(point[0])
          .add(point[1])
          .add(Instant.ofEpochMilli((long) point[2]).toString());
    }
    return node;
  }

  /** Where the evidence of each pass of detection is. */
  @GET
  @Path("{id}/evidence")
  public Response evidence(@PathParam("id") String id, @Context Request request) {
    known(id);
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
  @Path("{id}/evidence/{round}")
  public byte[] evidence(@PathParam("id") String id, @PathParam("round") String round)
      throws IOException {
    known(id);
    ObjectRef ref =
        rounds(id).stream()
            .filter(each -> Integer.toString(each.getRound()).equals(round))
            .map(DetectionRound::getEvidence)
            .filter(Objects::nonNull)
            .reduce((earlier, later) -> later)
            .orElseThrow(
                () ->
                    ProblemException.of(
                        "OBJECT_NOT_FOUND",
                        "There is no evidence of such a pass.",
                        "List it with GET /api/screenings/{id}/evidence."));
    StoredObject stored =
        new StoredObject(ref.getBucket(), ref.getKey(), ref.getSha256(), ref.getSize());
    if (stored.size() > LARGEST_EVIDENCE) {
      throw ProblemException.of(
          "EVIDENCE_TOO_LARGE",
          "The evidence has " + stored.size() + " bytes.",
          "Read it with GET /api/record/{id}/objects/{sha256}.");
    }
    // Whole before the first byte is sent: what is missing or damaged becomes a problem.
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    objects.read(stored, content);
    return content.toByteArray();
  }

  private List<DetectionRound> rounds(String id) {
    return projection.events(id).stream()
        .filter(DetectionCompleted.class::isInstance)
        .map(event -> ((DetectionCompleted) event).getReport())
        .toList();
  }

  private ScreeningRow known(String id) {
    return projection
        .row(id)
        .orElseThrow(
            () ->
                ProblemException.of(
                    "SCREENING_UNKNOWN",
                    "There is no screening with this id.",
                    "List the screenings with GET /api/screenings."));
  }
}
