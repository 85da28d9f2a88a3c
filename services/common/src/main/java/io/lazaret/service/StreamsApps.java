package io.lazaret.service;

import io.lazaret.eventing.KafkaSettings;
import io.lazaret.eventing.streams.StreamsApp;
import io.lazaret.eventing.streams.StreamsRunner;
import io.lazaret.eventing.streams.StreamsSettings;
import io.lazaret.problem.Problem;
import io.quarkus.arc.All;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.streams.KafkaStreams;

/** Runs every Streams application of this process. */
@ApplicationScoped
public class StreamsApps {

  @Inject PlatformSettings settings;
  @Inject KafkaSettings kafka;
  @Inject @All List<StreamsApp> apps;

  private StreamsRunner runner;

  void onStart(@Observes @Priority(StartOrder.STREAMS) StartupEvent start) {
    if (apps.isEmpty()) {
      return;
    }
    StreamsSettings streams =
        StreamsSettings.of(kafka, settings.workDir().resolve("streams"))
            .withReplication(settings.replication());
    runner =
        new StreamsRunner(
            settings.stableWorkerId().map(streams::withInstanceId).orElse(streams), apps);
    runner.start();
  }

  /** State of each application by its name. */
  public Map<String, KafkaStreams.State> states() {
    return runner == null ? Map.of() : runner.states();
  }

  /** Whether every application is RUNNING. */
  public boolean ready() {
    return runner == null || runner.ready();
  }

  /** Why an application was given up, if one was. */
  public Optional<Problem> problem() {
    return runner == null ? Optional.empty() : runner.problem();
  }

  void onStop(@Observes ShutdownEvent stop) {
    if (runner != null) {
      runner.close();
    }
  }
}
