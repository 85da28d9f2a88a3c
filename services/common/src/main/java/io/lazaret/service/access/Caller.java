package io.lazaret.service.access;

import io.lazaret.access.Grant;
import io.quarkus.vertx.http.runtime.CurrentVertxRequest;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.Optional;

/** Who asks, within a request. */
@ApplicationScoped
public class Caller {

  @Inject CurrentVertxRequest request;
  @Inject AccessSettings settings;

  /** What the caller's token says; empty where nobody has to say who they are. */
  public Optional<Grant> grant() {
    RoutingContext context = request.getCurrent();
    return context == null
        ? Optional.empty()
        : Optional.ofNullable(context.get(AccessFilter.GRANT));
  }

  /** The authenticated name; empty where nobody has to say who they are. */
  public Optional<String> actor() {
    return grant().map(Grant::actor);
  }

  /** Whether the caller's roles allow a request. */
  public boolean may(String method, String path) {
    Permissions.Need need = Permissions.of(method, path);
    return settings.mode() == AccessSettings.Mode.OPEN
        || need instanceof Permissions.Open
        || need instanceof Permissions.Needs needs
            && grant().map(grant -> grant.may(needs.role())).orElse(false);
  }
}
