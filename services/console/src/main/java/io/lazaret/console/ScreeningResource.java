package io.lazaret.console;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lazaret.problem.ProblemException;
import io.lazaret.schemas.StageProgress;
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
import java.util.function.BiConsumer;
import org.apache.avro.specific.SpecificRecord;

/** Screenings, their record, and what happens to them now. */
@Path("/api/console")
@Produces(MediaType.APPLICATION_JSON)
public class ScreeningResource {

  private static final int MAX_PAGE = 500;

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
    ScreeningView past = known(id);
    return Multi.createFrom()
        .emitter(
            emitter -> {
              past.events().forEach(event -> emitter.emit(message(sse, event)));
              BiConsumer<String, SpecificRecord> listener =
                  (screening, record) -> {
                    if (screening.equals(id)) {
                      emitter.emit(message(sse, record));
                    }
                  };
              projection.listen(listener);
              emitter.onTermination(() -> projection.forget(listener));
            });
  }

  private static OutboundSseEvent message(Sse sse, SpecificRecord record) {
    return sse.newEventBuilder()
        .name(record instanceof StageProgress ? "progress" : "event")
        .mediaType(MediaType.APPLICATION_JSON_TYPE)
        .data(AvroJson.of(record).toString())
        .build();
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
