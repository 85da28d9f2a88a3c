package io.lazaret.console;

import io.lazaret.eventing.KafkaSettings;
import io.lazaret.service.StartOrder;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serde;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Runs the feed, and is ready once it has read what was recorded before. */
@Readiness
@ApplicationScoped
public class ConsoleStart implements HealthCheck {

  @Inject KafkaSettings kafka;
  @Inject Serde<SpecificRecord> values;
  @Inject Projection projection;

  private volatile ConsoleFeed feed;

  void onStart(@Observes @Priority(StartOrder.READERS) StartupEvent start) {
    feed = new ConsoleFeed(kafka, values, projection);
  }

  void onStop(@Observes ShutdownEvent stop) {
    if (feed != null) {
      feed.close();
    }
  }

  @Override
  public HealthCheckResponse call() {
    return HealthCheckResponse.named("console").status(feed != null && feed.caughtUp()).build();
  }
}
