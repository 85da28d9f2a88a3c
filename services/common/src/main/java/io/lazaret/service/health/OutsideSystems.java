package io.lazaret.service.health;

import io.lazaret.checkpoints.ObjectStore;
import io.lazaret.eventing.KafkaSettings;
import io.lazaret.eventing.avro.RegistryClient;
import io.lazaret.service.StartOrder;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks broker, registry and store every few seconds whether they answer. Probes of the process read
 * the last answer, so that asking often costs the outside systems nothing and never waits for them.
 */
@ApplicationScoped
public class OutsideSystems {

  private static final Logger LOG = LoggerFactory.getLogger(OutsideSystems.class);

  private static final String REACHABLE = "reachable";

  @Inject KafkaSettings kafka;
  @Inject RegistryClient registry;
  @Inject ObjectStore objects;
  @Inject MeterRegistry meters;

  @ConfigProperty(name = "lazaret.health.probe-seconds")
  long probeSeconds;

  @ConfigProperty(name = "lazaret.health.timeout-seconds")
  long timeoutSeconds;

  private final Map<String, String> answers = new ConcurrentHashMap<>();
  private ScheduledExecutorService probing;
  private Admin admin;

  void onStart(@Observes @Priority(StartOrder.READERS) StartupEvent start) {
    int timeout = Math.toIntExact(Duration.ofSeconds(timeoutSeconds).toMillis());
    admin =
        Admin.create(
            kafka.client(
                Map.of(
                    "client.id",
                    "lazaret-health",
                    "request.timeout.ms",
                    timeout,
                    "default.api.timeout.ms",
                    timeout),
                Map.of()));
    watch("kafka", () -> admin.describeCluster().nodes().get(timeoutSeconds, TimeUnit.SECONDS));
    watch("registry", registry::subjects);
    watch("store", () -> objects.list("health/", 1));
  }

  private void watch(String system, Question question) {
    if (probing == null) {
      probing =
          Executors.newScheduledThreadPool(
              1,
              run -> {
                Thread thread = new Thread(run, "lazaret-health");
                thread.setDaemon(true);
                return thread;
              });
    }
    Gauge.builder("lazaret.outside.up", () -> REACHABLE.equals(answers.get(system)) ? 1 : 0)
        .description("1 while an outside system answers")
        .tag("system", system)
        .register(meters);
    answers.put(system, "not asked yet");
    probing.scheduleWithFixedDelay(() -> ask(system, question), 0, probeSeconds, TimeUnit.SECONDS);
  }

  private void ask(String system, Question question) {
    String answer;
    try {
      question.ask();
      answer = REACHABLE;
    } catch (InterruptedException closing) {
      Thread.currentThread().interrupt();
      return;
    } catch (Exception e) {
      answer = e.getMessage() == null ? e.toString() : e.getMessage();
    }
    String before = answers.put(system, answer);
    if (!answer.equals(before) && !answer.equals(REACHABLE)) {
      LOG.warn("{} does not answer: {}", system, answer);
    }
  }

  /** Whether all answered when they were asked last. */
  boolean reachable() {
    return !answers.isEmpty() && answers.values().stream().allMatch(REACHABLE::equals);
  }

  /** The last answer of each. */
  Map<String, String> answers() {
    return new TreeMap<>(answers);
  }

  void onStop(@Observes ShutdownEvent stop) {
    if (probing != null) {
      probing.shutdownNow();
    }
    if (admin != null) {
      admin.close(Duration.ofSeconds(1));
    }
  }

  private interface Question {
    void ask() throws Exception;
  }
}
