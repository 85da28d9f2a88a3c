package io.lazaret.service.health;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Readiness;

/** Ready while broker, registry and store answer. */
@Readiness
@ApplicationScoped
public class OutsideReady implements HealthCheck {

  @Inject OutsideSystems outside;

  @Override
  public HealthCheckResponse call() {
    HealthCheckResponseBuilder response = HealthCheckResponse.named("outside systems");
    outside.answers().forEach(response::withData);
    return response.status(outside.reachable()).build();
  }
}
