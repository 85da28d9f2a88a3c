package io.lazaret.eventing.worker;

import io.lazaret.eventing.KafkaSettings;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes what a command led to and the command's offset in one transaction. There is one
 * transactional id per partition, so whoever claims a partition fences the one who had it before.
 */
final class OffsetTransactions implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(OffsetTransactions.class);

  /** Transactions here last milliseconds; one left open by a killed worker ends after this. */
  private static final Duration TRANSACTION_TIMEOUT = Duration.ofSeconds(15);

  /** How long one call may block the poll loop; well below max.poll.interval.ms. */
  private static final Duration MAX_BLOCK = Duration.ofSeconds(20);

  private static final int REQUEST_MILLIS = 5_000;

  /** What the metadata of an offset begins with whose command has been taken up. */
  private static final String TAKEN_UP = "taken up ";

  enum Outcome {
    COMMITTED,
    /** Somebody else has claimed the partition. */
    FENCED,
    /** Not known to be committed; to be tried again after the next poll. */
    LATER
  }

  private final KafkaSettings kafka;
  private final String idPrefix;
  private final Map<TopicPartition, Producer<byte[], byte[]>> producers = new HashMap<>();

  OffsetTransactions(KafkaSettings kafka, String idPrefix) {
    this.kafka = kafka;
    this.idPrefix = idPrefix;
  }

  /**
   * Fences whoever had these partitions before, and ends what they left open. Without it nobody
   * could read where a killed worker's partition stands until its transaction has timed out: an
   * offset within an open transaction is told to nobody.
   */
  void fence(Collection<TopicPartition> partitions) {
    List<String> ids =
        partitions.stream()
            .filter(partition -> !producers.containsKey(partition))
            .map(this::id)
            .toList();
    if (ids.isEmpty()) {
      return;
    }
    Map<String, Object> fixed =
        Map.of(
            "client.id",
            idPrefix + "fence",
            "request.timeout.ms",
            REQUEST_MILLIS,
            "default.api.timeout.ms",
            (int) MAX_BLOCK.toMillis());
    try (Admin admin = Admin.create(kafka.client(Map.of(), fixed))) {
      admin.fenceProducers(ids).all().get();
    } catch (ExecutionException e) {
      // The timeout of the transaction does the same, later.
      LOG.warn("cannot fence {}: {}", ids, e.getCause().toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private String id(TopicPartition partition) {
    return idPrefix + partition.partition();
  }

  /** Fences whoever had the partition and ends what they left open; false: try again later. */
  boolean claim(TopicPartition partition) {
    if (producers.containsKey(partition)) {
      return true;
    }
    String id = id(partition);
    Map<String, Object> fixed =
        Map.of(
            "transactional.id",
            id,
            "client.id",
            id,
            "acks",
            "all",
            "enable.idempotence",
            true,
            "linger.ms",
            0,
            "transaction.timeout.ms",
            (int) TRANSACTION_TIMEOUT.toMillis(),
            "max.block.ms",
            MAX_BLOCK.toMillis(),
            "request.timeout.ms",
            REQUEST_MILLIS,
            "delivery.timeout.ms",
            (int) MAX_BLOCK.toMillis());
    Producer<byte[], byte[]> producer =
        new KafkaProducer<>(
            kafka.client(Map.of(), fixed), new ByteArraySerializer(), new ByteArraySerializer());
    try {
      producer.initTransactions();
      producers.put(partition, producer);
      return true;
    } catch (KafkaException e) {
      LOG.warn("cannot claim {}: {}", partition, e.toString());
      producer.close(Duration.ZERO);
      return false;
    }
  }

  /** Writes {@code out} and the offset after {@code source}, both or neither. */
  Outcome commit(
      Consumer<?, ?> consumer,
      ConsumerRecord<byte[], byte[]> source,
      ProducerRecord<byte[], byte[]> out) {
    TopicPartition partition = new TopicPartition(source.topic(), source.partition());
    boolean fresh = !producers.containsKey(partition);
    if (!claim(partition)) {
      return Outcome.LATER;
    }
    try {
      OffsetAndMetadata before = fresh ? committed(consumer, partition) : null;
      if (before != null && before.offset() > source.offset()) {
        // An earlier try did get through although its answer was lost.
        return Outcome.COMMITTED;
      }
    } catch (KafkaException e) {
      return Outcome.LATER;
    }
    return write(consumer, source, new OffsetAndMetadata(source.offset() + 1), out);
  }

  /**
   * How often the command was taken up before, by whomever.
   *
   * @throws KafkaException when that cannot be told now
   */
  int takeUps(Consumer<?, ?> consumer, ConsumerRecord<byte[], byte[]> source) {
    TopicPartition partition = new TopicPartition(source.topic(), source.partition());
    OffsetAndMetadata committed = committed(consumer, partition);
    return committed == null || committed.offset() != source.offset()
        ? 0
        : count(committed.metadata());
  }

  /**
   * Notes beside the offset, which stays where it is, how often the command was taken up. The note
   * is gone when the command is committed.
   */
  Outcome noteTakeUps(Consumer<?, ?> consumer, ConsumerRecord<byte[], byte[]> source, int count) {
    TopicPartition partition = new TopicPartition(source.topic(), source.partition());
    if (!claim(partition)) {
      return Outcome.LATER;
    }
    return write(consumer, source, new OffsetAndMetadata(source.offset(), TAKEN_UP + count), null);
  }

  private static int count(String metadata) {
    try {
      return metadata.startsWith(TAKEN_UP)
          ? Integer.parseInt(metadata.substring(TAKEN_UP.length()))
          : 0;
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  private Outcome write(
      Consumer<?, ?> consumer,
      ConsumerRecord<byte[], byte[]> source,
      OffsetAndMetadata offset,
      ProducerRecord<byte[], byte[]> outOrNull) {
    TopicPartition partition = new TopicPartition(source.topic(), source.partition());
    Producer<byte[], byte[]> producer = producers.get(partition);
    try {
      producer.beginTransaction();
      if (outOrNull != null) {
        producer.send(outOrNull);
      }
      producer.sendOffsetsToTransaction(Map.of(partition, offset), consumer.groupMetadata());
      producer.commitTransaction();
      return Outcome.COMMITTED;
    } catch (ProducerFencedException | InvalidProducerEpochException e) {
      LOG.warn("{} was claimed by another worker", partition);
      release(partition);
      return Outcome.FENCED;
    } catch (CommitFailedException e) {
      // The group is rebalancing. The next poll tells whether the partition is still ours.
      abort(partition, producer);
      return Outcome.LATER;
    } catch (KafkaException e) {
      LOG.warn("cannot commit the result of {}@{}: {}", partition, source.offset(), e.toString());
      release(partition);
      return Outcome.LATER;
    }
  }

  private static OffsetAndMetadata committed(Consumer<?, ?> consumer, TopicPartition partition) {
    return consumer.committed(Set.of(partition), MAX_BLOCK).get(partition);
  }

  private void abort(TopicPartition partition, Producer<byte[], byte[]> producer) {
    try {
      producer.abortTransaction();
    } catch (KafkaException e) {
      release(partition);
    }
  }

  /** Gives the partition up; an open transaction is aborted by whoever claims it next. */
  void release(TopicPartition partition) {
    Producer<byte[], byte[]> producer = producers.remove(partition);
    if (producer != null) {
      producer.close(Duration.ZERO);
    }
  }

  @Override
  public void close() {
    for (TopicPartition partition : Set.copyOf(producers.keySet())) {
      release(partition);
    }
  }
}
