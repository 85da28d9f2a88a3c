package io.lazaret.console.rest;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lazaret.console.record.Place;
import io.lazaret.console.record.Portion;
import io.lazaret.console.view.Lists;
import io.lazaret.console.view.ModelRow;
import io.lazaret.console.view.Projection;
import io.lazaret.console.view.ScreeningRow;
import io.lazaret.problem.ProblemException;
import io.lazaret.schemas.Ids;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/** Models, and everything that happened to each. */
@Path("/api")
@Produces(MediaType.APPLICATION_JSON)
public class ModelResource {

  /** Screenings on a model's page. */
  private static final int RECENT = 20;

  /** Models that a search looks at for one page; the rest is on the next. */
  private static final int MOST_SEARCHED = 20_000;

  @Inject Projection projection;
  @Inject TimelineReader timelines;
  @Inject Actions actions;
  @Inject Policies policies;

  /** Models whose name holds a text, in a state, the latest changed first or by name. */
  @GET
  @Path("models")
  public Response models(
      @QueryParam("q") String part,
      @QueryParam("state") String state,
      @QueryParam("sort") String sort,
      @QueryParam("limit") String limit,
      @QueryParam("cursor") String cursor,
      @Context Request request) {
    if (sort != null && !sort.equals("recent") && !sort.equals("name")) {
      throw ProblemException.of(
          "PARAMETER_INVALID", "The parameter sort is neither recent nor name.", "Give one.");
    }
    Paging paging = Paging.of(limit, cursor);
    String text = part == null ? "" : part.toLowerCase(Locale.ROOT);
    List<ModelRow> found = new ArrayList<>();
    byte[] next = paging.from();
    int searched = 0;
    do {
      int more = text.isEmpty() && state == null ? paging.limit() - found.size() : 1;
      Portion<ModelRow> rows = rows("name".equals(sort), next, more);
      rows.items().stream()
          .filter(row -> row.name().toLowerCase(Locale.ROOT).contains(text))
          .filter(row -> state == null || row.state().equals(state))
          .forEach(found::add);
      searched += rows.items().size();
      next = rows.next();
    } while (next != null && found.size() < paging.limit() && searched < MOST_SEARCHED);
    ObjectNode page = Paging.page(found, next, row -> ModelJson.row(row, projection));
    boolean all = text.isEmpty() && state == null;
    return Documents.of(request, all ? page.put("total", projection.modelCount()) : page);
  }

  private Portion<ModelRow> rows(boolean byName, byte[] from, int limit) {
    if (byName) {
      return projection.modelsByName(from, limit);
    }
    Portion<String> names = projection.store().list(Lists.MODELS, from, limit);
    return new Portion<>(
        names.items().stream()
            .map(name -> projection.model(name).orElse(null))
            .filter(Objects::nonNull)
            .toList(),
        names.next());
  }

  /** One model with its channels, its policy and its latest screenings. */
  @GET
  @Path("models/{name}")
  public Response model(@PathParam("name") String name, @Context Request request) {
    ModelRow row = known(name);
    ObjectNode node = ModelJson.row(row, projection);
    node.put("history", Ids.releases(name));
    node.set("policy", policies.of(name));
    ArrayNode channels = node.putArray("releases");
    projection
        .channels(name)
        .forEach(
            channel -> {
              ObjectNode each = ModelJson.channel(channel);
              actions.addTo(each, channel);
              channels.add(each);
            });
    ArrayNode recent = node.putArray("recent");
    projection.store().list(Lists.ofModel(name), null, RECENT).items().stream()
        .map(id -> projection.row(id).orElse(null))
        .filter(Objects::nonNull)
        .forEach(each -> recent.add(summary(each)));
    return Documents.of(request, node, Long.toString(row.events()));
  }

  private ObjectNode summary(ScreeningRow row) {
    return ScreeningJson.summary(row, projection.openScreening(row.id()).orElse(null));
  }

  /** Everything that happened to a model, over all topics. */
  @GET
  @Path("models/{name}/timeline")
  public Response timeline(
      @PathParam("name") String name,
      @QueryParam("topic") String topic,
      @QueryParam("type") String type,
      @QueryParam("order") String order,
      @QueryParam("body") String body,
      @QueryParam("fold") String fold,
      @QueryParam("limit") String limit,
      @QueryParam("cursor") String cursor,
      @Context Request request) {
    var wanted = TimelineReader.Wanted.of(topic, type, order, body, fold, true);
    Paging paging = Paging.of(limit, cursor);
    ObjectNode page = timelines.model(name, wanted, paging);
    if (page.path("items").isEmpty() && paging.from() == null) {
      known(name);
    }
    return Documents.of(request, page);
  }

  /** One record, by its id on a timeline. */
  @GET
  @Path("records/{id}")
  public Response record(@PathParam("id") String id, @Context Request request) {
    Place place = Place.of(id);
    return projection
        .store()
        .record(place)
        .map(projection::decode)
        .map(decoded -> Documents.of(request, TimelineJson.entry(decoded, true)))
        .orElseThrow(
            () ->
                ProblemException.of(
                    "RECORD_UNKNOWN",
                    "There is no record with this id.",
                    "Look at the timeline of the model."));
  }

  private ModelRow known(String name) {
    return projection
        .model(name)
        .orElseThrow(
            () ->
                ProblemException.of(
                    "MODEL_UNKNOWN",
                    "The record knows no model of this name.",
                    "List the models with GET /api/models."));
  }
}
