package io.lazaret.eventing;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Shows the dead letters, and puts them back where they came from once their cause is gone. How far
 * a dead letter topic was replayed is the committed offset of the group {@code lazaret-dlq-replay};
 * a replay writes the records and that offset in one transaction, so none is replayed twice by
 * accident.
 */
public final class DeadLetterBox {

  /** Records that were replayed carry the place that they were replayed from. */
  public static final String REPLAYED_FROM = "lazaret.dlq.replayed-from";

  private static final String GROUP = "lazaret-dlq-replay";
  private static final Duration TIMEOUT = Duration.ofSeconds(20);

  private final KafkaSettings kafka;

  public DeadLetterBox(KafkaSettings kafka) {
    this.kafka = kafka;
  }

  /**
   * One dead letter.
   *
   * @param topic that it was on, without {@code .dlq}
   * @param offset its place among the dead letters of that topic
   * @param key as text, what is not printable replaced
   * @param bytes size of the value
   * @param code of the problem
   * @param reason why nobody could read it
   * @param reader who could not
   * @param writtenAt time of the original record
   * @param replayed whether it was put back already
   */
  public record Letter(
      String topic,
      long offset,
      String key,
      int bytes,
      String code,
      String reason,
      String reader,
      Instant writtenAt,
      boolean replayed) {}

  /** Topics that have dead letters topics. */
  public static List<String> topics() {
    List<String> topics = new ArrayList<>(List.of(Topics.INBOX));
    Topics.COMMANDED.forEach(stage -> topics.add(Topics.commands(stage)));
    return topics;
  }

  /**
   * The newest dead letters of some topics, topic by topic, newest first.
   *
   * @param limit letters of one topic at most
   * @throws io.lazaret.problem.ProblemException DLQ_TOPIC_UNKNOWN, KAFKA_UNAVAILABLE
   */
  public List<Letter> list(List<String> topics, int limit) {
    List<TopicPartition> partitions = topics.stream().map(DeadLetterBox::partition).toList();
    List<Letter> all = new ArrayList<>();
    try (KafkaConsumer<byte[], byte[]> consumer = consumer()) {
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions, TIMEOUT);
      for (int i = 0; i < topics.size(); i++) {
        TopicPartition partition = partitions.get(i);
        long end = ends.get(partition);
        if (end > 0) {
          all.addAll(newest(topics.get(i), consumer, partition, end, limit));
        }
      }
      return all;
    } catch (KafkaException e) {
      throw KafkaProblems.unavailable(kafka.bootstrapServers(), e);
    }
  }

  private static List<Letter> newest(
      String topic,
      KafkaConsumer<byte[], byte[]> consumer,
      TopicPartition partition,
      long end,
      int limit) {
    long replayed = replayed(consumer, partition);
    List<Letter> letters = new ArrayList<>();
    // Transactions leave gaps between the offsets, so the last records may begin earlier.
    for (ConsumerRecord<byte[], byte[]> each :
        read(consumer, partition, Math.max(0, end - 2L * limit), end)) {
      letters.add(letter(topic, each, each.offset() < replayed));
    }
    letters.sort(Comparator.comparingLong(Letter::offset).reversed());
    return letters.subList(0, Math.min(limit, letters.size()));
  }

  /**
   * Puts back every dead letter of a topic that was not replayed yet, in order; returns how many.
   * What still cannot be read dies again.
   */
  public int replayAll(String topic) {
    TopicPartition partition = partition(topic);
    try (KafkaConsumer<byte[], byte[]> consumer = consumer();
        KafkaProducer<byte[], byte[]> producer = producer(topic)) {
      // Whoever replays this topic at the same moment is fenced off.
      producer.initTransactions();
      long end = consumer.endOffsets(Set.of(partition), TIMEOUT).get(partition);
      List<ConsumerRecord<byte[], byte[]>> letters =
          read(consumer, partition, replayed(consumer, partition), end);
      if (!letters.isEmpty()) {
        producer.beginTransaction();
        letters.forEach(each -> producer.send(original(topic, each)));
        producer.sendOffsetsToTransaction(
            Map.of(partition, new OffsetAndMetadata(end)), new ConsumerGroupMetadata(GROUP));
        producer.commitTransaction();
      }
      return letters.size();
    } catch (KafkaException e) {
      throw KafkaProblems.unavailable(kafka.bootstrapServers(), e);
    }
  }

  /**
   * Puts back one dead letter, whether or not it was replayed before.
   *
   * @throws io.lazaret.problem.ProblemException DLQ_LETTER_UNKNOWN
   */
  public void replay(String topic, long offset) {
    TopicPartition partition = partition(topic);
    try (KafkaConsumer<byte[], byte[]> consumer = consumer();
        KafkaProducer<byte[], byte[]> producer = producer(topic)) {
      long end = consumer.endOffsets(Set.of(partition), TIMEOUT).get(partition);
      ConsumerRecord<byte[], byte[]> letter =
          read(consumer, partition, offset, Math.min(end, offset + 1)).stream()
              .filter(each -> each.offset() == offset)
              .findFirst()
              .orElseThrow(
                  () ->
                      io.lazaret.problem.ProblemException.of(
                          "DLQ_LETTER_UNKNOWN",
                          "There is no dead letter of " + topic + " at offset " + offset + ".",
                          "List them with: lazaret dlq list"));
      producer.initTransactions();
      producer.beginTransaction();
      producer.send(original(topic, letter));
      producer.commitTransaction();
    } catch (KafkaException e) {
      throw KafkaProblems.unavailable(kafka.bootstrapServers(), e);
    }
  }

  /** The record as it was, to the partition of its key, with a note of where it comes from. */
  private static ProducerRecord<byte[], byte[]> original(
      String topic, ConsumerRecord<byte[], byte[]> letter) {
    RecordHeaders headers = new RecordHeaders();
    for (Header header : letter.headers()) {
      if (!header.key().startsWith("lazaret.dlq.")) {
        headers.add(header);
      }
    }
    String from = letter.topic() + "@" + letter.offset();
    headers.add(REPLAYED_FROM, from.getBytes(StandardCharsets.UTF_8));
    return new ProducerRecord<>(topic, null, letter.key(), letter.value(), headers);
  }

  private static TopicPartition partition(String topic) {
    if (!topics().contains(topic)) {
      throw io.lazaret.problem.ProblemException.of(
          "DLQ_TOPIC_UNKNOWN",
          "There are no dead letters of a topic of this name.",
          "Give one of " + String.join(", ", new TreeSet<>(topics())) + ".");
    }
    // Dead letters of a topic have one partition, so that their offsets name them.
    return new TopicPartition(Topics.deadLetters(topic), 0);
  }

  private static long replayed(KafkaConsumer<byte[], byte[]> consumer, TopicPartition partition) {
    OffsetAndMetadata committed = consumer.committed(Set.of(partition), TIMEOUT).get(partition);
    return committed == null ? 0 : committed.offset();
  }

  private static List<ConsumerRecord<byte[], byte[]>> read(
      KafkaConsumer<byte[], byte[]> consumer, TopicPartition partition, long from, long end) {
    List<ConsumerRecord<byte[], byte[]>> found = new ArrayList<>();
    consumer.assign(List.of(partition));
    consumer.seek(partition, from);
    long deadline = System.nanoTime() + TIMEOUT.toNanos();
    while (consumer.position(partition) < end && System.nanoTime() < deadline) {
      for (ConsumerRecord<byte[], byte[]> each : consumer.poll(Duration.ofMillis(100))) {
        if (each.offset() < end) {
          found.add(each);
        }
      }
    }
    return found;
  }

  private static Letter letter(
      String topic, ConsumerRecord<byte[], byte[]> record, boolean replayed) {
    String key =
        record.key() == null
            ? ""
            : new String(record.key(), StandardCharsets.UTF_8).replaceAll("\\p{Cntrl}", "?");
    return new Letter(
        topic,
        record.offset(),
        key.substring(0, Math.min(key.length(), 200)),
        record.value() == null ? 0 : record.value().length,
        header(record, DeadLetters.CODE),
        header(record, DeadLetters.REASON),
        header(record, DeadLetters.READER),
        Instant.ofEpochMilli(record.timestamp()),
        replayed);
  }

  private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
    Header header = record.headers().lastHeader(name);
    return header == null ? "" : new String(header.value(), StandardCharsets.UTF_8);
  }

  private KafkaConsumer<byte[], byte[]> consumer() {
    Map<String, Object> fixed = new HashMap<>();
    fixed.put("group.id", GROUP);
    fixed.put("enable.auto.commit", false);
    fixed.put("isolation.level", "read_committed");
    fixed.put("auto.offset.reset", "earliest");
    fixed.put("default.api.timeout.ms", (int) TIMEOUT.toMillis());
    return new KafkaConsumer<>(
        kafka.client(Map.of(), fixed), new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  private KafkaProducer<byte[], byte[]> producer(String topic) {
    Map<String, Object> fixed =
        Map.of(
            "transactional.id",
            GROUP + "-" + topic,
            "acks",
            "all",
            "max.block.ms",
            TIMEOUT.toMillis());
    return new KafkaProducer<>(
        kafka.client(Map.of(), fixed), new ByteArraySerializer(), new ByteArraySerializer());
  }
}
