package io.lazaret.console.rest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lazaret.console.record.Place;
import io.lazaret.console.record.Portion;
import io.lazaret.console.view.Lists;
import io.lazaret.console.view.Projection;
import io.lazaret.schemas.ActionAudited;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Request;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.Optional;

/** Who asked for what. */
@Path("/api/audit")
@Produces(MediaType.APPLICATION_JSON)
public class AuditResource {

  @Inject Projection projection;

  /** Requests to change something, the newest first. */
  @GET
  public Response audit(
      @QueryParam("limit") String limit,
      @QueryParam("cursor") String cursor,
      @Context Request request) {
    Paging paging = Paging.of(limit, cursor);
    Portion<String> places = projection.store().list(Lists.AUDIT, paging.from(), paging.limit());
    List<ObjectNode> items =
        places.items().stream()
            .map(Place::of)
            .map(projection::event)
            .flatMap(Optional::stream)
            .filter(ActionAudited.class::isInstance)
            .map(each -> entry((ActionAudited) each))
            .toList();
    return Documents.of(request, Paging.page(items, places.next(), item -> item));
  }

  private static ObjectNode entry(ActionAudited audited) {
    ObjectNode node = AvroJson.of(audited);
    node.remove("envelope");
    return node.put("at", audited.getEnvelope().getOccurredAt().toString())
        .put("action", audited.getMethod() + " " + audited.getPath());
  }
}
