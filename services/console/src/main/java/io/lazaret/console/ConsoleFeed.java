package io.lazaret.console;

import io.lazaret.eventing.KafkaProblems;
import io.lazaret.eventing.KafkaSettings;
import io.lazaret.eventing.Topics;
import io.lazaret.schemas.ChannelState;
import io.lazaret.schemas.StageProgress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads events, progress and releases from the beginning, committed records only, and folds them
 * into the projection. It belongs to no consumer group: every console sees everything.
 */
public final class ConsoleFeed implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(ConsoleFeed.class);

  private static final List<String> TOPICS =
      List.of(Topics.EVENTS, Topics.PROGRESS, Topics.RELEASES);

  /** Wait for records: bounds the delay of what people see only when nothing arrives. */
  private static final Duration POLL = Duration.ofMillis(250);

  /** Wait before the broker is tried again after an error that may pass. */
  private static final Duration RETRY = Duration.ofSeconds(1);

  private final KafkaConsumer<String, byte[]> consumer;
  private final Serde<SpecificRecord> values;
  private final Projection projection;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Thread thread;
  private volatile boolean caughtUp;

  /** Begins to read. */
  public ConsoleFeed(KafkaSettings kafka, Serde<SpecificRecord> values, Projection projection) {
    this.values = values;
    this.projection = projection;
    this.consumer =
        new KafkaConsumer<>(
            kafka.client(
                Map.of("client.id", "lazaret-console", "fetch.max.wait.ms", 50),
                Map.of("isolation.level", "read_committed", "enable.auto.commit", false)),
            new StringDeserializer(),
            new ByteArrayDeserializer());
    this.thread = new Thread(this::run, "console-feed");
    thread.setDaemon(true);
    thread.start();
  }

  /** Whether everything that was recorded before the start has been read. */
  public boolean caughtUp() {
    return caughtUp;
  }

  private void run() {
    try (consumer) {
      Map<TopicPartition, Long> ends = new HashMap<>(assign());
      while (isOpen()) {
        for (ConsumerRecord<String, byte[]> record : poll()) {
          apply(record);
        }
        if (!caughtUp) {
          ends.entrySet().removeIf(end -> consumer.position(end.getKey()) >= end.getValue());
          caughtUp = ends.isEmpty();
        }
      }
    } catch (WakeupException closed) {
      LOG.debug("console feed closed");
    }
  }

  private ConsumerRecords<String, byte[]> poll() {
    try {
      return consumer.poll(POLL);
    } catch (WakeupException closed) {
      throw closed;
    } catch (KafkaException e) {
      waitFor("Kafka", e);
      return ConsumerRecords.empty();
    }
  }

  /** Assigns all partitions, waiting for the topics; returns where they end now. */
  private Map<TopicPartition, Long> assign() {
    while (true) {
      try {
        List<TopicPartition> partitions = new ArrayList<>();
        for (String topic : TOPICS) {
          consumer
              .partitionsFor(topic)
              .forEach(info -> partitions.add(new TopicPartition(topic, info.partition())));
        }
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
        return consumer.endOffsets(partitions);
      } catch (WakeupException closed) {
        throw closed;
      } catch (KafkaException e) {
        waitFor("Kafka", e);
      }
    }
  }

  /**
   * One record that cannot be read must not hide the others; a registry that is away is awaited.
   */
  private void apply(ConsumerRecord<String, byte[]> record) {
    while (isOpen()) {
      try {
        project(record);
        return;
      } catch (RuntimeException e) {
        if (!KafkaProblems.passing(e)) {
          LOG.warn(
              "skipped {}-{}@{}: {}",
              record.topic(),
              record.partition(),
              record.offset(),
              e.toString());
          return;
        }
        waitFor("the registry", e);
      }
    }
  }

  private void project(ConsumerRecord<String, byte[]> record) {
    SpecificRecord value = values.deserializer().deserialize(record.topic(), record.value());
    switch (record.topic()) {
      case Topics.EVENTS -> projection.event(value);
      case Topics.PROGRESS -> projection.progress((StageProgress) value);
      case Topics.RELEASES -> projection.channel(record.key(), (ChannelState) value);
      default -> throw new IllegalStateException(record.topic());
    }
  }

  private boolean isOpen() {
    return closing.getCount() > 0;
  }

  /**
   * @throws WakeupException when the feed is closed meanwhile
   */
  private void waitFor(String what, Exception because) {
    LOG.warn("the console waits for {}: {}", what, because.getMessage());
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
