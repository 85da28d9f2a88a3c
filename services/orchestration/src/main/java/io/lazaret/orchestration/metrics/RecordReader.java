package io.lazaret.orchestration.metrics;

import io.lazaret.eventing.KafkaProblems;
import io.lazaret.eventing.KafkaSettings;
import io.lazaret.eventing.Topics;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Serde;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads the whole record from its beginning and hands every event on; belongs to no group. */
final class RecordReader implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(RecordReader.class);

  private static final Duration POLL = Duration.ofSeconds(1);

  /** Wait before Kafka or the registry is tried again. */
  private static final Duration RETRY = Duration.ofSeconds(1);

  private final KafkaConsumer<byte[], byte[]> consumer;
  private final Serde<SpecificRecord> values;
  private final Consumer<SpecificRecord> listener;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Thread thread;

  RecordReader(
      KafkaSettings kafka, Serde<SpecificRecord> values, Consumer<SpecificRecord> listener) {
    this.values = values;
    this.listener = listener;
    this.consumer =
        new KafkaConsumer<>(
            kafka.client(
                Map.of("client.id", "lazaret-record-metrics"),
                Map.of("isolation.level", "read_committed", "enable.auto.commit", false)),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer());
    this.thread = new Thread(this::run, "lazaret-record-metrics");
    thread.setDaemon(true);
    thread.start();
  }

  private void run() {
    try (consumer) {
      boolean assigned = false;
      while (closing.getCount() > 0) {
        try {
          if (!assigned) {
            assign();
            assigned = true;
          }
          for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
            hand(record);
          }
        } catch (WakeupException closed) {
          throw closed;
        } catch (KafkaException e) {
          waitBecause(e);
        }
      }
    } catch (WakeupException closed) {
      LOG.debug("record metrics closed");
    }
  }

  private void assign() {
    List<TopicPartition> partitions =
        consumer.partitionsFor(Topics.EVENTS).stream()
            .map(info -> new TopicPartition(Topics.EVENTS, info.partition()))
            .toList();
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
  }

  private void hand(ConsumerRecord<byte[], byte[]> record) {
    while (closing.getCount() > 0) {
      try {
        listener.accept(values.deserializer().deserialize(record.topic(), record.value()));
        return;
      } catch (RuntimeException e) {
        if (!KafkaProblems.passing(e)) {
          LOG.warn("{}-{} is not counted: {}", record.topic(), record.offset(), e.toString());
          return;
        }
        waitBecause(e);
      }
    }
  }

  private void waitBecause(Exception reason) {
    LOG.debug("record metrics wait: {}", reason.toString());
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
      thread.join(POLL.multipliedBy(5).toMillis());
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
