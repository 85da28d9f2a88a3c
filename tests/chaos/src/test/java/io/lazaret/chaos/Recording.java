package io.lazaret.chaos;

import io.lazaret.eventing.DeadLetters;
import io.lazaret.eventing.KafkaSettings;
import io.lazaret.eventing.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Serde;

/**
 * Everything that was committed to the topics, and nothing else: what the verifier judges by.
 *
 * @param inbox what was asked for and what stages answered, in the order of each partition
 * @param events the record
 * @param releases channel states, with their keys
 * @param commands work that was given out
 * @param letters dead letters: the topic that they were on, and why they are dead
 */
record Recording(
    List<SpecificRecord> inbox,
    List<SpecificRecord> events,
    List<Keyed> releases,
    List<SpecificRecord> commands,
    List<Letter> letters) {

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  record Keyed(String key, SpecificRecord value) {}

  record Letter(String topic, String code, String reason) {}

  static Recording read(KafkaSettings kafka, Serde<SpecificRecord> values) {
    List<SpecificRecord> commands = new ArrayList<>();
    List<Letter> letters = new ArrayList<>();
    List<String> topics = new ArrayList<>(List.of(Topics.INBOX));
    Topics.COMMANDED.forEach(stage -> topics.add(Topics.commands(stage)));
    for (String topic : topics) {
      all(kafka, Topics.deadLetters(topic)).forEach(each -> letters.add(letter(topic, each)));
    }
    for (String topic : topics.subList(1, topics.size())) {
      all(kafka, topic).forEach(each -> decode(values, each).ifPresent(commands::add));
    }
    return new Recording(
        decoded(kafka, values, Topics.INBOX),
        decoded(kafka, values, Topics.EVENTS),
        all(kafka, Topics.RELEASES).stream()
            .map(each -> new Keyed(new String(each.key()), decode(values, each).orElseThrow()))
            .toList(),
        commands,
        letters);
  }

  private static List<SpecificRecord> decoded(
      KafkaSettings kafka, Serde<SpecificRecord> values, String topic) {
    return all(kafka, topic).stream().flatMap(each -> decode(values, each).stream()).toList();
  }

  /** Empty for what nobody can read; the tests put such things on the topics on purpose. */
  private static Optional<SpecificRecord> decode(
      Serde<SpecificRecord> values, ConsumerRecord<byte[], byte[]> record) {
    try {
      return Optional.ofNullable(values.deserializer().deserialize(record.topic(), record.value()));
    } catch (org.apache.kafka.common.KafkaException | io.lazaret.problem.ProblemException e) {
      return Optional.empty();
    }
  }

  private static Letter letter(String topic, ConsumerRecord<byte[], byte[]> record) {
    return new Letter(topic, header(record, DeadLetters.CODE), header(record, DeadLetters.REASON));
  }

  private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
    Header header = record.headers().lastHeader(name);
    return header == null ? "" : new String(header.value());
  }

  static List<ConsumerRecord<byte[], byte[]>> all(KafkaSettings kafka, String topic) {
    List<ConsumerRecord<byte[], byte[]>> found = new ArrayList<>();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            kafka.client(Map.of(), Map.of("isolation.level", "read_committed")),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic).stream()
              .map(each -> new TopicPartition(topic, each.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      // With read_committed the end is the last stable offset: open transactions hold it back.
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      long deadline = System.nanoTime() + PATIENCE.toNanos();
      while (ends.entrySet().stream().anyMatch(e -> consumer.position(e.getKey()) < e.getValue())) {
        if (System.nanoTime() > deadline) {
          throw new IllegalStateException(topic + " cannot be read to its end");
        }
        consumer.poll(Duration.ofMillis(50)).forEach(found::add);
      }
    }
    return found;
  }
}
