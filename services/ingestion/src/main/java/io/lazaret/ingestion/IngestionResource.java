package io.lazaret.ingestion;

import com.fasterxml.jackson.databind.JsonNode;
import io.lazaret.problem.ProblemException;
import io.lazaret.service.access.Caller;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.InputStream;
import java.time.Clock;
import java.util.Map;

/** Upload a model file by file, then submit it for screening. */
@Path("/api/ingestion/uploads")
@Produces(MediaType.APPLICATION_JSON)
public class IngestionResource {

  /** What an upload asks for; all parts are optional. */
  public record Submission(String policy, String template, Long seed, String requestedBy) {

    /** A submission that nobody in particular asked for. */
    Submission(String policy, String template, Long seed) {
      this(policy, template, seed, null);
    }

    Submission by(String actor) {
      return new Submission(policy, template, seed, actor);
    }
  }

  @Inject UploadArea uploads;

  @Inject Ingestion ingestion;

  @Inject Clock clock;
  @Inject Caller caller;

  @POST
  @Consumes(MediaType.APPLICATION_JSON)
  public Response open(JsonNode request) {
    uploads.sweep(clock.instant());
    String name = request == null ? null : request.path("name").asText(null);
    return Response.status(Response.Status.CREATED)
        .entity(Map.of("uploadId", uploads.open(name)))
        .build();
  }

  @PUT
  @Path("{id}/model/{file}")
  @Consumes(MediaType.WILDCARD)
  public void model(
      @PathParam("id") String id, @PathParam("file") String file, InputStream content) {
    uploads.storeModelFile(id, file, content);
  }

  @PUT
  @Path("{id}/data/{kind}")
  @Consumes(MediaType.WILDCARD)
  public void data(
      @PathParam("id") String id, @PathParam("kind") String kind, InputStream content) {
    if (!Ingestion.DATA.contains(kind)) {
      throw ProblemException.of(
          "DATA_KIND_UNKNOWN",
          "There is no data file of this kind.",
          "Use one of " + String.join(", ", Ingestion.DATA) + ".");
    }
    uploads.storeData(id, kind, content);
  }

  @POST
  @Path("{id}/submit")
  @Consumes(MediaType.APPLICATION_JSON)
  public Response submit(@PathParam("id") String id, Submission submission) {
    Submission given = submission == null ? new Submission(null, null, null) : submission;
    Submission signed = caller.actor().map(given::by).orElse(given);
    return Response.accepted(ingestion.submit(id, signed)).build();
  }
}
