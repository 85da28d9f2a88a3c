package io.lazaret.orchestration.metrics;

import io.lazaret.eventing.KafkaSettings;
import io.lazaret.eventing.Topics;
import io.lazaret.schemas.Stage;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** How far the readers of the queues are behind, and how old the oldest unread record is. */
final class Queues implements AutoCloseable {

  /** Wait for the oldest unread records of a queue. */
  private static final Duration POLL = Duration.ofMillis(500);

  /**
   * A queue as one group of readers sees it.
   *
   * @param group consumer group
   * @param topic what it reads
   * @param lag records after its position, control records of transactions included
   * @param oldestSeconds age of the oldest of them; 0 when there is none
   */
  record Queue(String group, String topic, long lag, double oldestSeconds) {}

  private final Admin admin;
  private final KafkaConsumer<byte[], byte[]> consumer;
  private final Clock clock;
  private final Duration timeout;

  Queues(KafkaSettings kafka, Clock clock, Duration timeout) {
    this.clock = clock;
    this.timeout = timeout;
    this.admin = Admin.create(kafka.client(Map.of("client.id", "lazaret-metrics"), Map.of()));
    this.consumer =
        new KafkaConsumer<>(
            kafka.client(
                Map.of("client.id", "lazaret-metrics", "max.poll.records", 1),
                Map.of("isolation.level", "read_committed", "enable.auto.commit", false)),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer());
  }

  /** All queues now. */
  List<Queue> look() throws ExecutionException, InterruptedException, TimeoutException {
    List<Queue> queues = new ArrayList<>();
    queues.add(look("lazaret-orchestration", Topics.INBOX));
    for (Stage stage : Topics.COMMANDED) {
      queues.add(look("lazaret-" + stage.name().toLowerCase(Locale.ROOT), Topics.commands(stage)));
    }
    return queues;
  }

  private Queue look(String group, String topic)
      throws ExecutionException, InterruptedException, TimeoutException {
    Map<TopicPartition, Long> ends = offsets(topic, OffsetSpec.latest());
    Map<TopicPartition, Long> begins = offsets(topic, OffsetSpec.earliest());
    Map<TopicPartition, OffsetAndMetadata> read =
        admin
            .listConsumerGroupOffsets(group)
            .partitionsToOffsetAndMetadata()
            .get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    Map<TopicPartition, Long> behind = new HashMap<>();
    long lag = 0;
    for (Map.Entry<TopicPartition, Long> end : ends.entrySet()) {
      OffsetAndMetadata position = read.get(end.getKey());
      long next = Math.max(begins.get(end.getKey()), position == null ? 0 : position.offset());
      if (next < end.getValue()) {
        lag += end.getValue() - next;
        behind.put(end.getKey(), next);
      }
    }
    return new Queue(group, topic, lag, oldest(behind));
  }

  /** Records that wait in the dead letters of each topic that has some. */
  Map<String, Long> deadLetters()
      throws ExecutionException, InterruptedException, TimeoutException {
    Map<String, Long> counts = new HashMap<>();
    List<String> topics = new ArrayList<>(List.of(Topics.INBOX));
    Topics.COMMANDED.forEach(stage -> topics.add(Topics.commands(stage)));
    for (String topic : topics) {
      String letters = Topics.deadLetters(topic);
      Map<TopicPartition, Long> begins = offsets(letters, OffsetSpec.earliest());
      long count =
          offsets(letters, OffsetSpec.latest()).entrySet().stream()
              .mapToLong(end -> end.getValue() - begins.get(end.getKey()))
              .sum();
      counts.put(topic, count);
    }
    return counts;
  }

  private Map<TopicPartition, Long> offsets(String topic, OffsetSpec which)
      throws ExecutionException, InterruptedException, TimeoutException {
    Map<TopicPartition, OffsetSpec> asked = new HashMap<>();
    consumer
        .partitionsFor(topic, timeout)
        .forEach(info -> asked.put(new TopicPartition(topic, info.partition()), which));
    Map<TopicPartition, Long> offsets = new HashMap<>();
    admin
        .listOffsets(asked)
        .all()
        .get(timeout.toMillis(), TimeUnit.MILLISECONDS)
        .forEach((partition, found) -> offsets.put(partition, found.offset()));
    return offsets;
  }

  /** Seconds since the oldest of the first unread records; markers of transactions are none. */
  private double oldest(Map<TopicPartition, Long> behind) {
    long now = clock.millis();
    long oldest = now;
    for (Map.Entry<TopicPartition, Long> each : behind.entrySet()) {
      consumer.assign(List.of(each.getKey()));
      consumer.seek(each.getKey(), each.getValue());
      for (ConsumerRecord<byte[], byte[]> first : consumer.poll(POLL)) {
        oldest = Math.min(oldest, first.timestamp());
      }
    }
    return (now - oldest) / 1000.0;
  }

  @Override
  public void close() {
    consumer.close();
    admin.close(timeout);
  }
}
