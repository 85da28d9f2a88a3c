package io.lazaret.console.rest;

import io.lazaret.checkpoints.ObjectStore;
import io.lazaret.checkpoints.StoredObject;
import io.lazaret.console.record.Place;
import io.lazaret.console.record.Portion;
import io.lazaret.console.view.Histories;
import io.lazaret.console.view.ModelRow;
import io.lazaret.console.view.Projection;
import io.lazaret.lifecycle.history.EventJson;
import io.lazaret.problem.ProblemException;
import io.lazaret.schemas.ObjectRef;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.StreamingOutput;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.apache.avro.Schema;
import org.apache.avro.generic.IndexedRecord;
import org.apache.avro.specific.SpecificRecord;

/** The record itself, without loss, for replay, export and audit: one event a line. */
@Path("/api/record")
public class RecordResource {

  static final String LINES = "application/x-ndjson";

  @Inject Projection projection;
  @Inject Histories histories;
  @Inject ObjectStore objects;

  /** All events of a model, or of all models, in the order of the record. */
  @GET
  @Produces(LINES)
  public StreamingOutput record(@QueryParam("model") String model) {
    if (model != null && projection.model(model).isEmpty()) {
      throw unknown();
    }
    return out -> {
      if (model != null) {
        write(model, out);
        return;
      }
      byte[] next = null;
      do {
        Portion<ModelRow> models = projection.modelsByName(next, Paging.MOST);
        for (ModelRow each : models.items()) {
          write(each.name(), out);
        }
        next = models.next();
      } while (next != null);
    };
  }

  private void write(String model, OutputStream out) throws IOException {
    for (Place place : histories.places(model)) {
      Optional<SpecificRecord> event = projection.event(place);
      if (event.isPresent()) {
        out.write((EventJson.write(event.get()) + "\n").getBytes(StandardCharsets.UTF_8));
      }
    }
  }

  /** The events of one history. */
  @GET
  @Path("{id}")
  @Produces(LINES)
  public StreamingOutput history(@PathParam("id") String id) {
    List<SpecificRecord> events = events(id);
    return out -> write(events, out);
  }

  /** An object that an event of the history refers to: evidence, parrots, inputs. */
  @GET
  @Path("{id}/objects/{sha256}")
  @Produces(MediaType.APPLICATION_OCTET_STREAM)
  public StreamingOutput object(@PathParam("id") String id, @PathParam("sha256") String sha256) {
    ObjectRef found =
        events(id).stream()
            .map(event -> referred(event, sha256))
            .flatMap(Optional::stream)
            .findFirst()
            .orElseThrow(
                () ->
                    ProblemException.of(
                        "OBJECT_NOT_FOUND",
                        "No event of this history refers to such an object.",
                        "Look for the references in the events of the history."));
    return out ->
        objects.read(
            new StoredObject(found.getBucket(), found.getKey(), found.getSha256(), found.getSize()),
            out);
  }

  private List<SpecificRecord> events(String id) {
    List<SpecificRecord> events = projection.events(id);
    if (events.isEmpty()) {
      throw ProblemException.of(
          "HISTORY_UNKNOWN",
          "There is no history with this id.",
          "List the screenings with lazaret screenings or GET /api/screenings.");
    }
    return events;
  }

  static ProblemException unknown() {
    return ProblemException.of(
        "MODEL_UNKNOWN",
        "The record knows no model of this name.",
        "List the models with GET /api/models.");
  }

  private static Optional<ObjectRef> referred(Object value, String sha256) {
    if (value instanceof ObjectRef ref) {
      return ref.getSha256().equals(sha256) ? Optional.of(ref) : Optional.empty();
    } else if (value instanceof IndexedRecord record) {
      return record.getSchema().getFields().stream()
          .map(Schema.Field::pos)
          .map(position -> referred(record.get(position), sha256))
          .flatMap(Optional::stream)
          .findFirst();
    } else if (value instanceof List<?> list) {
      return list.stream()
          .map(item -> referred(item, sha256))
          .flatMap(Optional::stream)
          .findFirst();
    }
    return Optional.empty();
  }

  private static void write(List<SpecificRecord> events, OutputStream out) throws IOException {
    for (SpecificRecord event : events) {
      out.write((EventJson.write(event) + "\n").getBytes(StandardCharsets.UTF_8));
    }
  }
}
