package io.lazaret.ingestion;

import io.lazaret.checkpoints.ModelStore;
import io.lazaret.checkpoints.ObjectStore;
import io.lazaret.eventing.Envelopes;
import io.lazaret.eventing.InboxPublisher;
import io.lazaret.service.PlatformSettings;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Puts ingestion together from the settings. */
@ApplicationScoped
public class IngestionBeans {

  private ObjectStore watched;
  private BucketWatch watch;

  @Produces
  @Singleton
  UploadArea uploads(
      PlatformSettings settings,
      @ConfigProperty(name = "lazaret.ingestion.max-file-bytes") long maxFileBytes,
      @ConfigProperty(name = "lazaret.ingestion.max-data-bytes") long maxDataBytes,
      @ConfigProperty(name = "lazaret.ingestion.max-files") int maxFiles) {
    return new UploadArea(
        settings.workDir().resolve("uploads"),
        new UploadArea.Limits(maxFileBytes, maxDataBytes, maxFiles));
  }

  @Produces
  @Singleton
  Ingestion ingestion(
      UploadArea uploads,
      ObjectStore objects,
      ModelStore models,
      InboxPublisher inbox,
      Envelopes envelopes) {
    return new Ingestion(uploads, objects, models, inbox, envelopes);
  }

  void onStart(
      @Observes StartupEvent start,
      UploadArea uploads,
      Clock clock,
      Ingestion ingestion,
      PlatformSettings settings,
      @ConfigProperty(name = "lazaret.watch.prefix") Optional<String> prefix,
      @ConfigProperty(name = "lazaret.watch.bucket") Optional<String> bucket,
      @ConfigProperty(name = "lazaret.watch.poll-seconds") long pollSeconds,
      @ConfigProperty(name = "lazaret.watch.stable-polls") int stablePolls,
      @ConfigProperty(name = "lazaret.watch.max-objects") int maxObjects,
      @ConfigProperty(name = "lazaret.watch.notifications") boolean notifications,
      @ConfigProperty(name = "lazaret.watch.notification-retry-seconds") long retrySeconds) {
    uploads.discardPartials();
    uploads.sweep(clock.instant());
    if (prefix.isPresent()) {
      watched = new ObjectStore(bucket.map(settings.s3()::withBucket).orElseGet(settings::s3));
      watch =
          new BucketWatch(
              new BucketWatcher(
                  watched,
                  uploads,
                  ingestion,
                  new BucketWatcher.Settings(prefix.get(), stablePolls, maxObjects)),
              notifications ? () -> watched.changes(prefix.get()) : null,
              new BucketWatch.Pace(
                  Duration.ofSeconds(pollSeconds), Duration.ofSeconds(retrySeconds)));
      watch.start();
    }
  }

  void onStop(@Observes ShutdownEvent stop) {
    if (watch != null) {
      watch.close();
      watched.close();
    }
  }
}
