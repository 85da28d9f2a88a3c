package io.lazaret.notification;

import io.lazaret.eventing.KafkaProblems;
import io.lazaret.eventing.KafkaSettings;
import io.lazaret.eventing.Topics;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Serde;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Walks along the record for one courier. The position is saved under the receiver's name after a
 * notice was delivered or buried: everything is told at least once. A receiver that is new begins
 * with what happens from now on. Partitions are assigned, not subscribed to, because a receiver may
 * be waited for longer than a group waits for its member; so one process serves a receiver.
 */
final class Round implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Round.class);

  private static final Duration POLL = Duration.ofMillis(500);

  /** Wait before Kafka or the registry is tried again. */
  private static final Duration RETRY = Duration.ofSeconds(1);

  private final KafkaConsumer<byte[], byte[]> consumer;
  private final Serde<SpecificRecord> values;
  private final Courier courier;
  private final Thread thread;

  Round(KafkaSettings kafka, Serde<SpecificRecord> values, Courier courier) {
    this.values = values;
    this.courier = courier;
    String group = "lazaret-notify-" + courier.receiver().name();
    this.consumer =
        new KafkaConsumer<>(
            kafka.client(
                Map.of("client.id", group),
                Map.of(
                    "group.id",
                    group,
                    "isolation.level",
                    "read_committed",
                    "auto.offset.reset",
                    "latest",
                    "enable.auto.commit",
                    false)),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer());
    this.thread = new Thread(this::run, group);
    thread.setDaemon(true);
    thread.start();
  }

  private void run() {
    try (consumer) {
      boolean placed = false;
      while (courier.isOpen()) {
        try {
          if (!placed) {
            place();
            placed = true;
          }
          walk();
        } catch (WakeupException | InterruptException closed) {
          return;
        } catch (KafkaException e) {
          LOG.warn("notifications wait for Kafka: {}", e.getMessage());
          courier.await(RETRY);
        }
      }
    }
  }

  /** Where it stopped, or the end; said at once, so that a restart finds the same place. */
  private void place() {
    List<TopicPartition> partitions =
        consumer.partitionsFor(Topics.EVENTS).stream()
            .map(info -> new TopicPartition(Topics.EVENTS, info.partition()))
            .toList();
    consumer.assign(partitions);
    Map<TopicPartition, OffsetAndMetadata> positions = new HashMap<>();
    partitions.forEach(each -> positions.put(each, new OffsetAndMetadata(consumer.position(each))));
    consumer.commitSync(positions);
  }

  private void walk() {
    boolean any = false;
    for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
      Optional<Notice> notice = noticeOf(record);
      if (notice.isPresent()) {
        if (!courier.bring(notice.get())) {
          throw new WakeupException();
        }
        commit(record);
      }
      any = true;
    }
    if (any) {
      consumer.commitSync();
    }
    courier.bringAgain();
  }

  private void commit(ConsumerRecord<byte[], byte[]> record) {
    consumer.commitSync(
        Map.of(
            new TopicPartition(record.topic(), record.partition()),
            new OffsetAndMetadata(record.offset() + 1)));
  }

  private Optional<Notice> noticeOf(ConsumerRecord<byte[], byte[]> record) {
    while (courier.isOpen()) {
      try {
        return Notice.of(values.deserializer().deserialize(record.topic(), record.value()));
      } catch (RuntimeException e) {
        if (!KafkaProblems.passing(e)) {
          LOG.warn("nobody is told of {}-{}: {}", record.topic(), record.offset(), e.toString());
          return Optional.empty();
        }
        courier.await(RETRY);
      }
    }
    throw new WakeupException();
  }

  @Override
  public void close() {
    courier.close();
    consumer.wakeup();
    try {
      thread.join(POLL.multipliedBy(10).toMillis());
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
