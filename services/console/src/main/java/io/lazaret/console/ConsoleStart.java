package io.lazaret.console;

import io.lazaret.console.record.RecordStore;
import io.lazaret.console.view.Projection;
import io.lazaret.eventing.KafkaSettings;
import io.lazaret.service.PlatformSettings;
import io.lazaret.service.StartOrder;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.nio.file.Path;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serde;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Opens the cache of the record, runs the feed, and is ready once it has caught up. */
@Readiness
@ApplicationScoped
public class ConsoleStart implements HealthCheck {

  @Inject PlatformSettings settings;
  @Inject KafkaSettings kafka;
  @Inject Serde<SpecificRecord> values;
  @Inject Projection projection;

  private volatile RecordStore store;
  private volatile ConsoleFeed feed;

  void onStart(@Observes @Priority(StartOrder.READERS) StartupEvent start) {
    Path directory = settings.workDir().resolve("console");
    store = RecordStore.open(directory, LogIdentity.of(kafka));
    projection.open(store, values);
    feed = new ConsoleFeed(kafka, values, projection);
  }

  void onStop(@Observes ShutdownEvent stop) {
    if (feed != null) {
      feed.close();
    }
    projection.close();
    if (store != null) {
      store.close();
    }
  }

  /** Whether what was recorded before the start has been read. */
  public boolean caughtUp() {
    return feed != null && feed.caughtUp();
  }

  /** Records that are there and were not read yet. */
  public long behind() {
    return feed == null ? 0 : feed.behind();
  }

  @Override
  public HealthCheckResponse call() {
    return HealthCheckResponse.named("console")
        .status(caughtUp())
        .withData("behind", behind())
        .build();
  }
}
