package io.lazaret.console;

import io.lazaret.eventing.KafkaSettings;
import io.lazaret.eventing.Topics;
import io.lazaret.schemas.Stage;
import io.lazaret.service.telemetry.Queues;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How far the workers of each stage are behind. Kafka is asked on a thread of its own, at most once
 * in a while, and not at all while nobody looks.
 */
@ApplicationScoped
public class StageQueues {

  private static final Logger LOG = LoggerFactory.getLogger(StageQueues.class);

  private static final Duration TIMEOUT = Duration.ofSeconds(5);

  /** An answer older than this, of when somebody last looked, says nothing about now. */
  private static final Duration OLD = Duration.ofSeconds(30);

  @Inject KafkaSettings kafka;
  @Inject Clock clock;

  /** Seconds that an answer of Kafka is shown before it is asked again. */
  @ConfigProperty(name = "lazaret.console.queue-seconds", defaultValue = "3")
  double seconds;

  private final ExecutorService asking =
      Executors.newSingleThreadExecutor(
          task -> {
            Thread thread = new Thread(task, "console-queues");
            thread.setDaemon(true);
            return thread;
          });
  private final AtomicBoolean asked = new AtomicBoolean();
  private volatile Map<String, Queues.Queue> latest = Map.of();
  private volatile long lookedAt;
  private Queues queues;

  /** The queue of a lane as it was looked at just now; empty for a lane without one, or before. */
  public Optional<Queues.Queue> of(String lane) {
    long age = clock.millis() - lookedAt;
    if (age > seconds * 1_000 && asked.compareAndSet(false, true)) {
      asking.execute(this::look);
    }
    return age > OLD.toMillis() ? Optional.empty() : Optional.ofNullable(latest.get(topic(lane)));
  }

  private static String topic(String lane) {
    return switch (lane) {
      case "INGESTION" -> Topics.INBOX;
      case "APPROVAL" -> "";
      default -> Topics.commands(Stage.valueOf(lane));
    };
  }

  private void look() {
    try {
      if (queues == null) {
        queues = new Queues(kafka, clock, "lazaret-console-queues", TIMEOUT);
      }
      Map<String, Queues.Queue> found = new HashMap<>();
      queues.look().forEach(queue -> found.put(queue.topic(), queue));
      latest = Map.copyOf(found);
    } catch (InterruptedException closing) {
      Thread.currentThread().interrupt();
    } catch (Exception e) {
      // Whether Kafka answers has a figure of its own; a lag that nobody knows is shown as none.
      latest = Map.of();
      LOG.debug("the queues were not looked at: {}", e.toString());
    } finally {
      lookedAt = clock.millis();
      asked.set(false);
    }
  }

  @PreDestroy
  void stop() {
    asking.execute(
        () -> {
          if (queues != null) {
            queues.close();
          }
        });
    asking.shutdown();
  }
}
