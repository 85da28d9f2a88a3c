package io.lazaret.console.rest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lazaret.access.Grant;
import io.lazaret.access.Role;
import io.lazaret.problem.ProblemException;
import io.lazaret.service.access.AccessFilter;
import io.lazaret.service.access.AccessSettings;
import io.lazaret.service.access.Caller;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.NewCookie;
import jakarta.ws.rs.core.Response;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/** A browser trades a token for a cookie that no script can read. */
@Path("/api/session")
@Produces(MediaType.APPLICATION_JSON)
@Singleton
public class SessionResource {

  /** One-time tokens that are remembered until they expire. */
  private static final int MOST_SPENT = 10_000;

  @Inject AccessSettings settings;
  @Inject Caller caller;
  @Inject Clock clock;

  private final Map<String, Instant> spent = new LinkedHashMap<>();

  /** Who the caller is. */
  @GET
  public ObjectNode session() {
    return caller
        .grant()
        .map(grant -> json(grant))
        .orElseGet(() -> json(new Grant("", EnumSet.allOf(Role.class), Instant.MAX, "", false)));
  }

  /** Opens a session: {@code {"token": "..."}}. */
  @POST
  @Consumes(MediaType.APPLICATION_JSON)
  public Response open(JsonNode body, @Context RoutingContext context) {
    String token = body == null ? "" : body.path("token").asText("");
    Instant now = clock.instant();
    Grant given = settings.tokens().read(token, now);
    if (given.once()) {
      spend(given, now);
    }
    Instant end = now.plus(settings.session());
    if (!given.once() && given.expires().isBefore(end)) {
      end = given.expires();
    }
    Grant session =
        new Grant(given.actor(), given.roles(), end, UUID.randomUUID().toString(), false);
    return Response.ok(json(session))
        .cookie(
            cookie(
                context, settings.tokens().issue(session), Duration.between(now, end).toSeconds()))
        .build();
  }

  /** Ends the session of this browser. */
  @DELETE
  public Response close(@Context RoutingContext context) {
    return Response.noContent().cookie(cookie(context, "", 0)).build();
  }

  private synchronized void spend(Grant grant, Instant now) {
    for (Iterator<Instant> each = spent.values().iterator(); each.hasNext(); ) {
      if (each.next().isBefore(now)) {
        each.remove();
      }
    }
    if (spent.size() >= MOST_SPENT || spent.putIfAbsent(grant.id(), grant.expires()) != null) {
      throw ProblemException.of(
          "TOKEN_INVALID",
          "This address was opened before.",
          "Print a new one with lazaret up, on the data directory of the platform.");
    }
  }

  private static NewCookie cookie(RoutingContext context, String value, long seconds) {
    return new NewCookie.Builder(AccessFilter.cookieName(context))
        .value(value)
        .path("/")
        .httpOnly(true)
        .secure(context.request().isSSL())
        .sameSite(NewCookie.SameSite.STRICT)
        .maxAge((int) seconds)
        .build();
  }

  private static ObjectNode json(Grant grant) {
    ObjectNode node = JsonNodeFactory.instance.objectNode().put("actor", grant.actor());
    ArrayNode roles = node.putArray("roles");
    Set<Role> held = grant.roles();
    held.stream().map(Role::label).sorted().forEach(roles::add);
    return node.put(
        "expiresAt", grant.expires().equals(Instant.MAX) ? null : grant.expires().toString());
  }
}
