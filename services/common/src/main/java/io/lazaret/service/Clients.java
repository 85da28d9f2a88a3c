package io.lazaret.service;

import io.lazaret.checkpoints.JobStateStore;
import io.lazaret.checkpoints.ModelStore;
import io.lazaret.checkpoints.ObjectStore;
import io.lazaret.checkpoints.ReleaseObjects;
import io.lazaret.eventing.Envelopes;
import io.lazaret.eventing.InboxPublisher;
import io.lazaret.eventing.KafkaSettings;
import io.lazaret.eventing.avro.AvroSerde;
import io.lazaret.eventing.avro.RegistryClient;
import io.lazaret.eventing.avro.RegistrySettings;
import io.lazaret.eventing.worker.JobStates;
import io.lazaret.service.telemetry.Traces;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Clock;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serde;

/** The clients of the outside systems, one of each per process. */
@ApplicationScoped
public class Clients {

  @Produces
  @Singleton
  Clock clock() {
    return Clock.systemUTC();
  }

  @Produces
  @Singleton
  KafkaSettings kafka(PlatformSettings settings) {
    return settings.kafka();
  }

  @Produces
  @Singleton
  RegistryClient registry(PlatformSettings settings) {
    return new RegistryClient(RegistrySettings.from(settings.registry()));
  }

  @Produces
  @Singleton
  Serde<SpecificRecord> values(PlatformSettings settings) {
    return AvroSerde.configured(settings.registry());
  }

  @Produces
  @Singleton
  ObjectStore objects(PlatformSettings settings) {
    return new ObjectStore(settings.s3());
  }

  void close(@Disposes ObjectStore objects) {
    objects.close();
  }

  @Produces
  @Singleton
  ModelStore models(ObjectStore objects) {
    return new ModelStore(objects);
  }

  @Produces
  @Singleton
  JobStates jobStates(ObjectStore objects) {
    return new StoredJobStates(new JobStateStore(objects));
  }

  @Produces
  @Singleton
  ReleaseObjects releases(ObjectStore objects) {
    return new ReleaseObjects(objects);
  }

  @Produces
  @Singleton
  Envelopes envelopes(PlatformSettings settings, Clock clock) {
    return new Envelopes(settings.producer(), clock, Traces::current);
  }

  @Produces
  @Singleton
  InboxPublisher inbox(KafkaSettings kafka, Serde<SpecificRecord> values) {
    return new InboxPublisher(kafka, values);
  }

  void close(@Disposes InboxPublisher inbox) {
    inbox.close();
  }
}
