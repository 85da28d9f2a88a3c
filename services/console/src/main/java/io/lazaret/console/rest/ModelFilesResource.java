package io.lazaret.console.rest;

import io.lazaret.checkpoints.Manifest;
import io.lazaret.checkpoints.ModelStore;
import io.lazaret.checkpoints.ObjectStore;
import io.lazaret.problem.ProblemException;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.StreamingOutput;
import java.util.List;

/** The bytes of stored models, by digest. */
@Path("/api/checkpoints/{digest}")
public class ModelFilesResource {

  @Inject ModelStore models;
  @Inject ObjectStore objects;

  /** Path, sha256 and size of every file. */
  @GET
  @Path("files")
  @Produces(MediaType.APPLICATION_JSON)
  public List<Manifest.Entry> files(@PathParam("digest") String digest) {
    return models.manifest(digest).files();
  }

  /** One file; a transfer whose content turns out to be wrong is broken off. */
  @GET
  @Path("files/{path: .+}")
  @Produces(MediaType.APPLICATION_OCTET_STREAM)
  public Response file(@PathParam("digest") String digest, @PathParam("path") String path) {
    Manifest.Entry entry =
        models.manifest(digest).files().stream()
            .filter(file -> file.path().equals(path))
            .findFirst()
            .orElseThrow(
                () ->
                    ProblemException.of(
                        "MODEL_FILE_UNKNOWN",
                        "The model has no file of this name.",
                        "List them with GET /api/checkpoints/{digest}/files."));
    StreamingOutput content = out -> objects.read(models.object(entry), out);
    return Response.ok(content).header(HttpHeaders.CONTENT_LENGTH, entry.size()).build();
  }
}
