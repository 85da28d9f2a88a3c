package io.lazaret.console.rest;

import io.lazaret.console.view.Projection;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.io.IOException;

/** Evidence by the hash that events and attestations name it with. */
@Path("/api/evidence")
@Produces(MediaType.APPLICATION_JSON)
public class EvidenceByHashResource {

  @Inject Projection projection;
  @Inject EvidenceResource evidence;

  /** The evidence with this hash, of whichever screening. */
  @GET
  @Path("{sha256}")
  public byte[] evidence(@PathParam("sha256") String sha256) throws IOException {
    String screening = projection.evidence(sha256).orElseThrow(EvidenceResource::unknown);
    return evidence.read(screening, each -> each.getEvidence().getSha256().equals(sha256));
  }
}
