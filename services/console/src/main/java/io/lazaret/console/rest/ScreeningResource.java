package io.lazaret.console.rest;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lazaret.console.record.Portion;
import io.lazaret.console.view.Curve;
import io.lazaret.console.view.Lists;
import io.lazaret.console.view.OpenScreening;
import io.lazaret.console.view.Projection;
import io.lazaret.console.view.ScreeningRow;
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
import java.time.Instant;
import java.util.List;
import java.util.Objects;

/** Screenings, their evidence and their record. */
@Path("/api/screenings")
@Produces(MediaType.APPLICATION_JSON)
public class ScreeningResource {

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  @Inject Projection projection;
  @Inject TimelineReader timelines;
  @Inject Actions actions;

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
    ScreeningDetail.addTo(node, id, projection);
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

  private ScreeningRow known(String id) {
    return projection.row(id).orElseThrow(Projection::unknownScreening);
  }
}
