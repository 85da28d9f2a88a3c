package io.lazaret.service.telemetry;

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
public final class Queues implements AutoCloseable {

  /** Wait for the unread records of a partition; it is not waited for where there are none. */
  private static final Duration POLL = Duration.ofMillis(500);

  /** Unread records of a partition that are counted one by one. */
  private static final int COUNTED = 500;

  /**
   * A queue as one group of readers sees it.
   *
   * @param group consumer group
   * @param topic what it reads
   * @param lag records after its position; beyond some hundreds of a partition, markers of
   *     transactions are counted too
   * @param oldestSeconds age of the oldest of them; 0 when there is none
   */
  public record Queue(String group, String topic, long lag, double oldestSeconds) {}

  private final Admin admin;
  private final KafkaConsumer<byte[], byte[]> consumer;
  private final Clock clock;
  private final Duration timeout;

  /**
   * @param client name of this reader in Kafka's own figures
   * @param timeout of one question to Kafka
   */
  public Queues(KafkaSettings kafka, Clock clock, String client, Duration timeout) {
    this.clock = clock;
    this.timeout = timeout;
    this.admin = Admin.create(kafka.client(Map.of("client.id", client), Map.of()));
    this.consumer =
        new KafkaConsumer<>(
            kafka.client(
                Map.of("client.id", client, "max.poll.records", COUNTED),
                Map.of("isolation.level", "read_committed", "enable.auto.commit", false)),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer());
  }

  /** All queues now. */
  public List<Queue> look() throws ExecutionException, InterruptedException, TimeoutException {
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
    long lag = 0;
    long oldest = clock.millis();
    for (Map.Entry<TopicPartition, Long> end : ends.entrySet()) {
      OffsetAndMetadata position = read.get(end.getKey());
      long next = Math.max(begins.get(end.getKey()), position == null ? 0 : position.offset());
      if (next < end.getValue()) {
        List<ConsumerRecord<byte[], byte[]>> unread = unread(end.getKey(), next);
        lag += unread.size() < COUNTED ? unread.size() : end.getValue() - next;
        oldest = Math.min(oldest, unread.isEmpty() ? oldest : unread.get(0).timestamp());
      }
    }
    return new Queue(group, topic, lag, lag == 0 ? 0 : (clock.millis() - oldest) / 1000.0);
  }

  /** The first records from an offset on; markers of transactions are none. */
  private List<ConsumerRecord<byte[], byte[]>> unread(TopicPartition partition, long from) {
    consumer.assign(List.of(partition));
    consumer.seek(partition, from);
    return consumer.poll(POLL).records(partition);
  }

  /** Records that wait in the dead letters of each topic that has some. */
  public Map<String, Long> deadLetters()
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

  @Override
  public void close() {
    consumer.close();
    admin.close(timeout);
  }
}
