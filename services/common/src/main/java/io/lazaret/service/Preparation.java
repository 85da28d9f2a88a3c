package io.lazaret.service;

import io.lazaret.checkpoints.ObjectStore;
import io.lazaret.eventing.KafkaSettings;
import io.lazaret.eventing.TopicAdmin;
import io.lazaret.eventing.avro.RegistryClient;
import io.lazaret.eventing.avro.SchemaRegistration;
import io.lazaret.problem.ProblemException;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.time.Clock;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings in topics, schemas and bucket before anything else starts. Outside systems that do not
 * answer yet are waited for.
 */
@ApplicationScoped
public class Preparation {

  private static final Logger LOG = LoggerFactory.getLogger(Preparation.class);

  private static final long RETRY_MILLIS = 1_000;

  @Inject PlatformSettings settings;
  @Inject KafkaSettings kafka;
  @Inject RegistryClient registry;
  @Inject ObjectStore objects;
  @Inject Clock clock;

  void onStart(@Observes @Priority(StartOrder.PREPARE) StartupEvent start) {
    Instant deadline = clock.instant().plus(settings.startPatience());
    if (settings.prepare()) {
      waiting(deadline, () -> TopicAdmin.createMissing(kafka, settings.topics()));
      waiting(deadline, () -> SchemaRegistration.registerAll(registry));
      waiting(deadline, objects::ensureBucket);
    } else {
      waiting(deadline, () -> SchemaRegistration.requireAll(registry));
    }
  }

  private void waiting(Instant deadline, Runnable step) {
    while (true) {
      try {
        step.run();
        return;
      } catch (ProblemException problem) {
        if (!problem.problem().retryable() || !clock.instant().isBefore(deadline)) {
          throw problem;
        }
        LOG.warn("start waits: {}", problem.problem().sentence());
        pause(problem);
      }
    }
  }

  private static void pause(ProblemException reason) {
    try {
      TimeUnit.MILLISECONDS.sleep(RETRY_MILLIS);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw reason;
    }
  }
}
