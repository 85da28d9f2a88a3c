package io.lazaret.console.rest;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lazaret.checkpoints.ReleaseObjects;
import io.lazaret.console.record.Place;
import io.lazaret.console.record.Portion;
import io.lazaret.console.record.RecordStore;
import io.lazaret.console.view.Histories;
import io.lazaret.console.view.Lists;
import io.lazaret.console.view.Projection;
import io.lazaret.console.view.ScreeningRow;
import io.lazaret.lifecycle.release.Releases;
import io.lazaret.problem.ProblemException;
import io.lazaret.schemas.ChannelState;
import io.lazaret.schemas.Ids;
import io.lazaret.schemas.TriggerIntelligence;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecord;

/** Channels, what waits for persons, trigger intelligence, policies, attestations. */
@Path("/api")
@Produces(MediaType.APPLICATION_JSON)
public class ReleaseResource {

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  @Inject Projection projection;
  @Inject ReleaseObjects objects;
  @Inject Histories histories;
  @Inject Actions actions;
  @Inject Policies policies;

  /** Every channel, or those of one model, by name. */
  @GET
  @Path("releases")
  public Response channels(
      @QueryParam("model") String model,
      @QueryParam("limit") String limit,
      @QueryParam("cursor") String cursor,
      @Context Request request) {
    Paging paging = Paging.of(limit, cursor);
    var rest =
        paging.from() == null
            ? projection.channels()
            : projection.channels().tailMap(new String(paging.from(), UTF_8), true);
    List<Map.Entry<String, ChannelState>> found =
        rest.entrySet().stream()
            .filter(e -> model == null || e.getValue().getEnvelope().getModelName().equals(model))
            .limit(paging.limit() + 1L)
            .map(e -> Map.entry(e.getKey(), e.getValue()))
            .toList();
    boolean more = found.size() > paging.limit();
    byte[] next = more ? found.get(paging.limit()).getKey().getBytes(UTF_8) : null;
    return Documents.of(
        request,
        Paging.page(found.subList(0, more ? paging.limit() : found.size()), next, this::channel));
  }

  private ObjectNode channel(Map.Entry<String, ChannelState> entry) {
    ObjectNode node = ModelJson.channel(entry.getValue());
    actions.addTo(node, entry.getValue());
    return node;
  }

  /** Screenings whose release persons have to decide on. */
  @GET
  @Path("releases/waiting")
  public Response waiting(
      @QueryParam("limit") String limit,
      @QueryParam("cursor") String cursor,
      @Context Request request) {
    Paging paging = Paging.of(limit, cursor);
    Portion<String> ids = projection.store().list(Lists.WAITING, paging.from(), paging.limit());
    List<ScreeningRow> rows =
        ids.items().stream()
            .map(id -> projection.row(id).orElse(null))
            .filter(Objects::nonNull)
            .toList();
    ObjectNode page =
        Paging.page(
            new Portion<>(rows, ids.next()),
            row -> ScreeningJson.summary(row, projection.openScreening(row.id()).orElse(null)));
    long total = projection.openScreenings().stream().filter(each -> each.row().waiting()).count();
    return Documents.of(request, page.put("total", total));
  }

  /** Everything that happened to a model, of all its histories, in the order of the record. */
  @GET
  @Path("releases/history")
  public Response history(
      @QueryParam("model") String model,
      @QueryParam("limit") String limit,
      @QueryParam("cursor") String cursor,
      @Context Request request) {
    if (model == null || projection.model(model).isEmpty()) {
      throw RecordResource.unknown();
    }
    Paging paging = Paging.of(limit, cursor);
    List<Place> places = histories.places(model);
    return Documents.of(
        request,
        page(
            places, paging, place -> projection.event(place).map(ReleaseResource::event).stream()));
  }

  /** A page of what has no keys to go on after but its numbers. */
  private static <T> ObjectNode page(
      List<T> all, Paging paging, Function<T, Stream<ObjectNode>> json) {
    int from = Math.min(all.size(), paging.from() == null ? 0 : number(paging.from()));
    int end = Math.min(all.size(), from + paging.limit());
    byte[] next = end < all.size() ? Integer.toString(end).getBytes(UTF_8) : null;
    List<ObjectNode> items = all.subList(from, end).stream().flatMap(json).toList();
    return Paging.page(items, next, item -> item);
  }

  private static int number(byte[] cursor) {
    try {
      return Math.max(0, Integer.parseInt(new String(cursor, UTF_8)));
    } catch (NumberFormatException e) {
      throw ProblemException.of(
          "CURSOR_INVALID", "This cursor belongs to another list.", "Begin again without one.");
    }
  }

  private static ObjectNode event(SpecificRecord event) {
    ObjectNode node = JSON.objectNode().put("event", event.getSchema().getName());
    node.put("summary", Sentences.of(event));
    node.set("record", AvroJson.of(event));
    return node;
  }

  /** What persons decided, the newest first. */
  @GET
  @Path("approvals")
  public Response approvals(
      @QueryParam("limit") String limit,
      @QueryParam("cursor") String cursor,
      @Context Request request) {
    Paging paging = Paging.of(limit, cursor);
    Portion<String> places =
        projection.store().list(Lists.DECISIONS, paging.from(), paging.limit());
    List<ObjectNode> items =
        places.items().stream()
            .map(Place::of)
            .map(projection::event)
            .flatMap(Optional::stream)
            .map(Decisions::json)
            .toList();
    return Documents.of(request, Paging.page(items, places.next(), item -> item));
  }

  /** What is known of each trigger now, in the order in which they became known. */
  @GET
  @Path("triggers")
  public Response triggers(
      @QueryParam("limit") String limit,
      @QueryParam("cursor") String cursor,
      @Context Request request) {
    Paging paging = Paging.of(limit, cursor);
    Map<String, TriggerIntelligence> known = new LinkedHashMap<>();
    byte[] from = null;
    do {
      Portion<RecordStore.Marked> places =
          projection.store().history(Ids.releases(Releases.ALL_MODELS), from, Paging.MOST, false);
      for (RecordStore.Marked each : places.items()) {
        if (projection.event(each.place()).orElse(null) instanceof TriggerIntelligence trigger) {
          known.put(trigger.getTriggerId(), trigger);
        }
      }
      from = places.next();
    } while (from != null);
    return Documents.of(
        request,
        page(List.copyOf(known.values()), paging, trigger -> Stream.of(AvroJson.of(trigger))));
  }

  /** The policy in force for a model that is screened without one of its own. */
  @GET
  @Path("policies")
  public Response policy(@QueryParam("model") String model, @Context Request request) {
    return Documents.of(request, policies.of(model));
  }

  /** The signed attestation of a release, as it stands in the object store. */
  @GET
  @Path("releases/attestation")
  public byte[] attestation(
      @QueryParam("model") String model,
      @QueryParam("channel") String channel,
      @QueryParam("revision") String revision) {
    if (model == null || channel == null || revision == null || !revision.matches("\\d{1,18}")) {
      throw ProblemException.of(
          "REQUEST_INCOMPLETE",
          "Model, channel and the number of a revision are needed.",
          "Give all three.");
    }
    return objects
        .read(ReleaseObjects.attestationKey(model, channel, Long.parseLong(revision)))
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
