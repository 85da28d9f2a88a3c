package io.lazaret.console.stream;

import io.lazaret.console.view.Projection;
import io.lazaret.problem.ProblemException;
import io.smallrye.mutiny.Multi;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.sse.OutboundSseEvent;
import jakarta.ws.rs.sse.Sse;
import java.util.Set;

/** What happens now. */
@Path("/api")
@Produces(MediaType.SERVER_SENT_EVENTS)
public class StreamResource {

  /** Milliseconds after which a browser tries again. */
  private static final long RECONNECT = 1_000;

  private static final int LONGEST_FILTER = 2_000;

  @Inject StreamHub hub;
  @Inject Projection projection;

  /**
   * Events, heartbeats and channels as they happen: {@code event}, {@code progress}, {@code
   * channel}. Only events have an id; with {@code Last-Event-ID} or {@code after} a reader first
   * gets what was recorded since, from the beginning with 0.
   */
  @GET
  @Path("stream")
  public Multi<OutboundSseEvent> stream(
      @QueryParam("model") String model,
      @QueryParam("screening") String screening,
      @QueryParam("type") String type,
      @QueryParam("stage") String stage,
      @QueryParam("after") String after,
      @HeaderParam("Last-Event-ID") String last,
      @Context Sse sse) {
    Filter filter = new Filter(model, screening, set(type), set(stage));
    return serve(filter, last == null ? after : last, sse);
  }

  /** One screening: its record so far, then everything as it happens. */
  @GET
  @Path("screenings/{id}/stream")
  public Multi<OutboundSseEvent> screening(
      @PathParam("id") String id, @HeaderParam("Last-Event-ID") String last, @Context Sse sse) {
    if (projection.row(id).isEmpty()) {
      throw Projection.unknownScreening();
    }
    Filter filter = new Filter(null, id, Set.of(), Set.of());
    return serve(filter, last == null ? "0" : last, sse);
  }

  private Multi<OutboundSseEvent> serve(Filter filter, String after, Sse sse) {
    Subscription subscription = hub.join(filter, after);
    return Multi.createFrom()
        .<Message>publisher(subscription::begin)
        .map(message -> outbound(message, sse));
  }

  private static OutboundSseEvent outbound(Message message, Sse sse) {
    if (message == Subscription.ALIVE) {
      return sse.newEventBuilder().comment("alive").reconnectDelay(RECONNECT).build();
    }
    OutboundSseEvent.Builder event =
        sse.newEventBuilder()
            .name(message.name())
            .mediaType(MediaType.APPLICATION_JSON_TYPE)
            .data(message.data());
    return (message.id() == null ? event : event.id(message.id())).build();
  }

  private static Set<String> set(String commas) {
    if (commas == null || commas.isBlank()) {
      return Set.of();
    }
    if (commas.length() > LONGEST_FILTER) {
      throw ProblemException.of(
          "PARAMETER_INVALID", "A filter is too long.", "Give fewer names between the commas.");
    }
    return Set.of(
        java.util.Arrays.stream(commas.strip().split("\\s*,\\s*"))
            .distinct()
            .toArray(String[]::new));
  }
}
