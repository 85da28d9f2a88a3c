package io.lazaret.orchestration.release;

import io.lazaret.checkpoints.ModelStore;
import io.lazaret.checkpoints.ReleaseObjects;
import io.lazaret.eventing.KafkaSettings;
import io.lazaret.service.PlatformSettings;
import io.lazaret.service.StartOrder;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serde;

/** Runs the publisher with the process. */
@ApplicationScoped
public class PublisherStart {

  @Inject PlatformSettings settings;
  @Inject KafkaSettings kafka;
  @Inject Serde<SpecificRecord> values;
  @Inject ReleaseObjects objects;
  @Inject ModelStore models;

  private volatile ReleasePublisher publisher;

  void onStart(@Observes @Priority(StartOrder.READERS) StartupEvent start) {
    SigningKey key = SigningKey.at(settings.attestationKey());
    publisher = new ReleasePublisher(kafka, values, new Publication(objects, models, key));
  }

  void onStop(@Observes ShutdownEvent stop) {
    if (publisher != null) {
      publisher.close();
    }
  }
}
