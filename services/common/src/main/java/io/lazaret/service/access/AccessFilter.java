package io.lazaret.service.access;

import io.lazaret.access.Grant;
import io.lazaret.access.Role;
import io.lazaret.problem.Problem;
import io.lazaret.problem.ProblemException;
import io.lazaret.service.ProblemResponses;
import io.quarkus.security.AuthenticationFailedException;
import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.quarkus.vertx.http.runtime.security.QuarkusHttpUser;
import io.vertx.core.http.Cookie;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.time.Clock;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * The first thing that happens to every request: limits, and whether whoever asks may. It runs
 * before anything looks at the body.
 */
@ApplicationScoped
public class AccessFilter {

  /** Where a request's grant is found by what comes after. */
  static final String GRANT = "lazaret.grant";

  /** A header that another site's page cannot send. */
  public static final String OWN_PAGE = "X-Requested-With";

  /** After authentication by an OpenID provider, before everything else. */
  private static final int PRIORITY = 150;

  private static final Set<String> READING = Set.of("GET", "HEAD");
  private static final Problem PATH_INVALID =
      Problem.of(
          "PATH_INVALID",
          "The path of the request is malformed.",
          "Compare the request with the description of the interface.");

  private static final Problem TOKEN_REFUSED =
      Problem.of(
          "TOKEN_INVALID",
          "The token is not one that the OpenID provider issued for this platform.",
          "Get a new one from the provider.");

  private static final String BEARER = "Bearer ";
  private static final String UPLOADS = "/api/ingestion/";
  private static final String METRICS = "/q/metrics";

  @Inject AccessSettings settings;
  @Inject Audit audit;
  @Inject Clock clock;

  void register(@Observes Filters filters) {
    filters.register(this::handle, PRIORITY);
  }

  /** What an OpenID provider did not vouch for is refused in the platform's one form of errors. */
  void refusals(@Observes Router router) {
    router
        .route()
        .failureHandler(
            context -> {
              if (context.failure() instanceof AuthenticationFailedException
                  && !context.response().ended()) {
                refuse(context, TOKEN_REFUSED);
              } else {
                context.next();
              }
            });
  }

  /** The name of the cookie of a platform; another one on this host has another port. */
  public static String cookieName(RoutingContext context) {
    return "lazaret-session-" + context.request().localAddress().port();
  }

  private void handle(RoutingContext context) {
    try {
      check(context);
    } catch (ProblemException refused) {
      refuse(context, refused.problem());
      return;
    } catch (IllegalArgumentException malformed) {
      refuse(context, PATH_INVALID);
      return;
    }
    context.next();
  }

  private void check(RoutingContext context) {
    HttpServerRequest request = context.request();
    String method = request.method().name();
    String path = context.normalizedPath();
    if (path.indexOf(';') >= 0) {
      // Parameters of path segments are not part of what the table of permissions compares.
      throw new ProblemException(PATH_INVALID);
    }
    limits(request, path);
    host(request);
    Permissions.Need need = Permissions.of(method, path);
    if (settings.mode() == AccessSettings.Mode.OPEN) {
      return;
    }
    if (need instanceof Permissions.Open || path.equals(METRICS) && settings.openMetrics()) {
      return;
    }
    Grant grant = grant(context).orElseThrow(AccessFilter::unknown);
    context.put(GRANT, grant);
    if (!READING.contains(method)) {
      audit.follow(context, grant);
    }
    boolean allowed = need instanceof Permissions.Needs needs && grant.may(needs.role());
    if (!allowed) {
      throw ProblemException.of(
          "FORBIDDEN",
          "Your role does not allow this request.",
          "Ask somebody with the role for it, or for a token with it.");
    }
  }

  private void limits(HttpServerRequest request, String path) {
    if (path.startsWith(UPLOADS)) {
      return;
    }
    String length = request.getHeader("Content-Length");
    if (length == null && request.getHeader("Transfer-Encoding") != null) {
      throw ProblemException.of(
          "LENGTH_REQUIRED", "The request does not say how long it is.", "Send Content-Length.");
    }
    try {
      if (length != null && Long.parseLong(length) > settings.largestBody()) {
        throw ProblemException.of(
            "BODY_TOO_LARGE",
            "The body is larger than " + settings.largestBody() + " bytes.",
            "Send less.");
      }
    } catch (NumberFormatException e) {
      throw ProblemException.of("LENGTH_REQUIRED", "Content-Length is no number.", "Send one.");
    }
  }

  /** A name that somebody else's page had resolved to this machine is not ours. */
  private void host(HttpServerRequest request) {
    String name = request.authority() == null ? "" : request.authority().host();
    if (!settings.knowsHost(name)) {
      throw ProblemException.of(
          "HOST_REFUSED",
          "This platform is not asked under this name.",
          "Use the address that it printed, or set lazaret.access.loopback-hosts.");
    }
  }

  private Optional<Grant> grant(RoutingContext context) {
    if (settings.mode() == AccessSettings.Mode.OIDC) {
      return provided(context);
    }
    String header = context.request().getHeader("Authorization");
    Instant now = clock.instant();
    if (header != null) {
      if (!header.startsWith(BEARER)) {
        throw unknown();
      }
      return Optional.of(usable(settings.tokens().read(header.substring(BEARER.length()), now)));
    }
    Cookie cookie = context.request().getCookie(cookieName(context));
    if (cookie == null) {
      return Optional.empty();
    }
    Grant grant = usable(settings.tokens().read(cookie.getValue(), now));
    ownPage(context.request());
    return Optional.of(grant);
  }

  private static Grant usable(Grant grant) {
    if (grant.once()) {
      throw ProblemException.of(
          "TOKEN_INVALID",
          "This token opens one session and is good for nothing else.",
          "Send it to POST /api/session.");
    }
    return grant;
  }

  /** A browser adds the cookie to what any page asks for; only ours adds the header too. */
  static void ownPage(HttpServerRequest request) {
    String origin = request.getHeader("Origin");
    boolean foreign =
        origin != null
            && !origin.equals("http://" + request.authority())
            && !origin.equals("https://" + request.authority());
    boolean reading = READING.contains(request.method().name());
    if (foreign || !reading && !"lazaret".equals(request.getHeader(OWN_PAGE))) {
      throw ProblemException.of(
          "CROSS_SITE_REFUSED",
          "The request does not come from the platform's own page.",
          "Send the header " + OWN_PAGE + ": lazaret, or a token instead of the cookie.");
    }
  }

  /** Whom the OpenID provider vouches for. */
  private static Optional<Grant> provided(RoutingContext context) {
    if (!(context.user() instanceof QuarkusHttpUser user)) {
      return Optional.empty();
    }
    SecurityIdentity identity = user.getSecurityIdentity();
    if (identity.isAnonymous()) {
      return Optional.empty();
    }
    Set<Role> roles = EnumSet.noneOf(Role.class);
    for (Role role : Role.values()) {
      if (identity.hasRole(role.label()) || identity.hasRole("lazaret-" + role.label())) {
        roles.add(role);
      }
    }
    String name = identity.getPrincipal().getName();
    return Optional.of(new Grant(name, roles, Instant.MAX, name, false));
  }

  private static ProblemException unknown() {
    return ProblemException.of(
        "TOKEN_MISSING",
        "The request does not say who asks.",
        "Send Authorization: Bearer TOKEN, or open the address that the platform printed.");
  }

  private static void refuse(RoutingContext context, Problem problem) {
    ProblemResponses.Rendered answer = ProblemResponses.render(problem);
    if (answer.status() == ProblemResponses.UNAUTHORIZED) {
      context.response().putHeader("WWW-Authenticate", "Bearer");
    }
    context
        .response()
        .setStatusCode(answer.status())
        .putHeader("Content-Type", ProblemResponses.MEDIA_TYPE)
        .end(answer.body());
    // What is left of the body is thrown away, so that the sender gets to read the answer.
    context.request().resume();
  }
}
