package io.lazaret.service.health;

import io.lazaret.problem.Problem;
import io.lazaret.service.StageWorkers;
import io.lazaret.service.StreamsApps;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.lang.management.ManagementFactory;
import java.util.Optional;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Liveness;

/**
 * Alive unless a new process would do better: a Streams application that was given up, a worker
 * that has stopped for good, threads that wait for each other. A broker that is away, a rebalance
 * and a long job are no reason: a restart would only make them longer.
 */
@Liveness
@ApplicationScoped
public class RestartHelps implements HealthCheck {

  @Inject StreamsApps streams;
  @Inject StageWorkers workers;

  @Override
  public HealthCheckResponse call() {
    HealthCheckResponseBuilder response = HealthCheckResponse.named("restart helps");
    Optional<String> reason =
        streams
            .problem()
            .or(() -> workers.problem().filter(problem -> !problem.retryable()))
            .map(RestartHelps::told)
            .or(RestartHelps::deadlock);
    reason.ifPresent(why -> response.withData("because", why));
    return response.status(reason.isEmpty()).build();
  }

  private static String told(Problem problem) {
    return problem.code() + ": " + problem.sentence();
  }

  private static Optional<String> deadlock() {
    long[] threads = ManagementFactory.getThreadMXBean().findDeadlockedThreads();
    return threads == null
        ? Optional.empty()
        : Optional.of(threads.length + " threads wait for each other");
  }
}
