package io.lazaret.console;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lazaret.problem.ProblemException;
import io.smallrye.mutiny.Multi;
import jakarta.inject.Inject;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.sse.OutboundSseEvent;
import jakarta.ws.rs.sse.Sse;
import java.util.Optional;

/** Screenings, their record, and what happens to them now. */
@Path("/api/console")
@Produces(MediaType.APPLICATION_JSON)
public class ScreeningResource {

  private static final int MAX_PAGE = 500;

  /** Messages that wait for a slow reader; a reader that is slower loses the stream. */
  private static final int STREAM_BUFFER = 4_096;

  @Inject Projection projection;

  /** Newest first. */
  @GET
  @Path("screenings")
  public ArrayNode screenings(
      @QueryParam("model") String model, @QueryParam("limit") @DefaultValue("100") int limit) {
    ArrayNode array = JsonNodeFactory.instance.arrayNode();
    projection
        .screenings(Optional.ofNullable(model), Math.max(1, Math.min(limit, MAX_PAGE)))
        .forEach(view -> array.add(view.toJson()));
    return array;
  }

  @GET
  @Path("screenings/{id}")
  public ObjectNode screening(@PathParam("id") String id) {
    return known(id).toJson();
  }

  /** The record, in sequence. */
  @GET
  @Path("screenings/{id}/events")
  public ArrayNode events(@PathParam("id") String id) {
    ArrayNode array = JsonNodeFactory.instance.arrayNode();
    known(id).events().forEach(event -> array.add(AvroJson.of(event)));
    return array;
  }

  /** The record so far, then everything as it happens: events "event" and "progress". */
  @GET
  @Path("screenings/{id}/stream")
  @Produces(MediaType.SERVER_SENT_EVENTS)
  public Multi<OutboundSseEvent> stream(@PathParam("id") String id, @Context Sse sse) {
    known(id);
    return Multi.createFrom()
        .emitter(emitter -> new LiveStream(id, sse, projection, emitter).open(), STREAM_BUFFER);
  }

  /** What the release channels name. */
  @GET
  @Path("channels")
  public ObjectNode channels() {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    projection.channels().forEach((key, state) -> node.set(key, AvroJson.of(state)));
    return node;
  }

  private ScreeningView known(String id) {
    return projection
        .screening(id)
        .orElseThrow(
            () ->
                ProblemException.of(
                    "SCREENING_UNKNOWN",
                    "There is no screening with this id.",
                    "List the screenings with GET /api/console/screenings."));
  }
}
