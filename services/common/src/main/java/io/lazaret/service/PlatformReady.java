package io.lazaret.service;

import io.lazaret.eventing.worker.WorkerState;
import io.lazaret.problem.Problem;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.Optional;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Readiness;

/** Ready when the Streams applications run and the workers have joined their groups. */
@Readiness
@ApplicationScoped
public class PlatformReady implements HealthCheck {

  @Inject StreamsApps streams;
  @Inject StageWorkers workers;

  @Override
  public HealthCheckResponse call() {
    HealthCheckResponseBuilder response = HealthCheckResponse.named("platform");
    streams.states().forEach((app, state) -> response.withData(app, state.name()));
    workers.states().forEach((command, state) -> response.withData(command, state.name()));
    Optional<Problem> problem = streams.problem().or(workers::problem);
    problem.ifPresent(p -> response.withData("problem", p.code() + ": " + p.sentence()));
    boolean working =
        workers.states().values().stream()
            .allMatch(state -> state == WorkerState.IDLE || state == WorkerState.WORKING);
    return response.status(problem.isEmpty() && working && streams.ready()).build();
  }
}
