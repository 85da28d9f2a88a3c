package io.lazaret.orchestration.release;

import io.lazaret.eventing.KafkaProblems;
import io.lazaret.eventing.KafkaSettings;
import io.lazaret.eventing.Topics;
import io.lazaret.problem.ProblemException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the record and publishes what it says about releases. The offset is committed after the
 * effect: an event is published at least once, and publishing it again changes nothing.
 */
final class ReleasePublisher implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(ReleasePublisher.class);

  private static final String GROUP = "lazaret-release-publisher";
  private static final Duration POLL = Duration.ofMillis(500);

  /** Wait before the store or the broker is tried again. */
  private static final Duration RETRY = Duration.ofSeconds(1);

  private final KafkaConsumer<String, byte[]> consumer;
  private final Serde<SpecificRecord> values;
  private final Publication publication;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Thread thread;

  ReleasePublisher(KafkaSettings kafka, Serde<SpecificRecord> values, Publication publication) {
    this.values = values;
    this.publication = publication;
    this.consumer =
        new KafkaConsumer<>(
            kafka.client(
                Map.of("client.id", GROUP, "max.poll.records", 100),
                Map.of(
                    "group.id",
                    GROUP,
                    "isolation.level",
                    "read_committed",
                    "auto.offset.reset",
                    "earliest",
                    "enable.auto.commit",
                    false)),
            new StringDeserializer(),
            new ByteArrayDeserializer());
    this.thread = new Thread(this::run, GROUP);
    thread.setDaemon(true);
    thread.start();
  }

  private void run() {
    try (consumer) {
      publishing(publication::announceKey);
      consumer.subscribe(List.of(Topics.EVENTS));
      while (isOpen()) {
        round();
      }
    } catch (WakeupException closed) {
      LOG.debug("release publisher closed");
    }
  }

  private void round() {
    try {
      boolean any = false;
      for (ConsumerRecord<String, byte[]> record : consumer.poll(POLL)) {
        publish(record);
        any = true;
      }
      if (any) {
        consumer.commitSync();
      }
    } catch (WakeupException closed) {
      throw closed;
    } catch (KafkaException e) {
      // Also when the group has moved on meanwhile: whoever has the partition publishes it again.
      await(e);
    }
  }

  private void publish(ConsumerRecord<String, byte[]> record) {
    publishing(
        () -> {
          SpecificRecord event = values.deserializer().deserialize(record.topic(), record.value());
          publication.of(event);
        });
  }

  /** Until it is done, or can never be done. */
  private void publishing(Runnable effect) {
    while (isOpen()) {
      try {
        effect.run();
        return;
      } catch (ProblemException e) {
        if (!e.problem().retryable()) {
          LOG.error("an event was not published: {}", e.getMessage());
          return;
        }
        await(e);
      } catch (RuntimeException e) {
        if (!KafkaProblems.passing(e)) {
          LOG.error("an event was not published", e);
          return;
        }
        await(e);
      }
    }
    throw new WakeupException();
  }

  private boolean isOpen() {
    return closing.getCount() > 0;
  }

  /**
   * @throws WakeupException when the publisher is closed meanwhile
   */
  private void await(Exception because) {
    LOG.warn("releases wait to be published: {}", because.getMessage());
    try {
      if (closing.await(RETRY.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new WakeupException();
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new WakeupException();
    }
  }

  @Override
  public void close() {
    closing.countDown();
    consumer.wakeup();
    try {
      thread.join(Duration.ofSeconds(5).toMillis());
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
