package io.lazaret.eventing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lazaret.embedded.EmbeddedKafka;
import io.lazaret.embedded.EmbeddedRegistry;
import io.lazaret.eventing.avro.AvroSerde;
import io.lazaret.eventing.avro.RegistryClient;
import io.lazaret.eventing.avro.RegistrySettings;
import io.lazaret.eventing.avro.SchemaRegistration;
import io.lazaret.problem.Problem;
import io.lazaret.problem.ProblemException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** One broker and one registry for all tests of the module. */
public final class TestPlatform {

  public static final int PARTITIONS = 2;
  public static final Duration PATIENCE = Duration.ofSeconds(60);

  private static final EmbeddedKafka KAFKA = new EmbeddedKafka(temporary(), 0);
  private static final EmbeddedRegistry REGISTRY = new EmbeddedRegistry(temporary(), 0);
  private static final RegistryClient CLIENT = newRegistryClient();

  static {
    TopicAdmin.createMissing(kafka(), TopicPlan.embedded().withPartitions(PARTITIONS));
    SchemaRegistration.registerAll(CLIENT);
  }

  private TestPlatform() {}

  private static Path temporary() {
    try {
      return Files.createTempDirectory("lazaret-eventing-");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static KafkaSettings kafka() {
    return KafkaSettings.of(KAFKA.bootstrapServers());
  }

  public static String registryUrl() {
    return REGISTRY.url();
  }

  public static RegistryClient registry() {
    return CLIENT;
  }

  public static RegistryClient newRegistryClient() {
    return new RegistryClient(RegistrySettings.of(REGISTRY.url()));
  }

  public static AvroSerde<SpecificRecord> serde() {
    return new AvroSerde<>(CLIENT);
  }

  public static void send(String topic, String key, byte[] value) {
    send(topic, key, value, null);
  }

  /** As below, with the time that the record was written at. */
  public static void send(String topic, String key, SpecificRecord value, Instant at) {
    send(topic, key, serde().serializer().serialize(topic, value), at.toEpochMilli());
  }

  private static void send(String topic, String key, byte[] value, Long timestamp) {
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            kafka().client(Map.of(), Map.of()),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      producer.send(new ProducerRecord<>(topic, null, timestamp, key.getBytes(), value)).get();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  public static void send(String topic, String key, SpecificRecord value) {
    send(topic, key, serde().serializer().serialize(topic, value));
  }

  /** Reads committed records of a topic from its start until enough of them fit. */
  public static List<ConsumerRecord<byte[], byte[]>> read(
      String topic, Predicate<List<ConsumerRecord<byte[], byte[]>>> enough) {
    return read(kafka(), topic, enough);
  }

  /** As above, on another cluster. */
  public static List<ConsumerRecord<byte[], byte[]>> read(
      KafkaSettings kafka, String topic, Predicate<List<ConsumerRecord<byte[], byte[]>>> enough) {
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
      long deadline = System.nanoTime() + PATIENCE.toNanos();
      while (!enough.test(found) && System.nanoTime() < deadline) {
        consumer.poll(Duration.ofMillis(50)).forEach(found::add);
      }
    }
    return found;
  }

  /** The first records of a topic, decoded. */
  public static List<SpecificRecord> read(String topic, int count) {
    return read(topic, all -> all.size() >= count).stream()
        .map(each -> serde().deserializer().deserialize(topic, each.value()))
        .toList();
  }

  /** All committed records that a topic holds now. */
  public static List<ConsumerRecord<byte[], byte[]>> readAll(String topic) {
    try (Admin admin = Admin.create(kafka().client(Map.of(), Map.of()))) {
      Map<TopicPartition, Long> ends = ends(admin, Set.of(topic));
      List<ConsumerRecord<byte[], byte[]>> found = new ArrayList<>();
      try (KafkaConsumer<byte[], byte[]> consumer =
          new KafkaConsumer<>(
              kafka().client(Map.of(), Map.of("isolation.level", "read_committed")),
              new ByteArrayDeserializer(),
              new ByteArrayDeserializer())) {
        consumer.assign(ends.keySet());
        consumer.seekToBeginning(ends.keySet());
        while (ends.entrySet().stream()
            .anyMatch(e -> consumer.position(e.getKey()) < e.getValue())) {
          consumer.poll(Duration.ofMillis(50)).forEach(found::add);
        }
      }
      return found;
    }
  }

  private static Map<TopicPartition, Long> ends(Admin admin, Set<String> topics) {
    try {
      Map<TopicPartition, OffsetSpec> wanted = new HashMap<>();
      admin
          .describeTopics(topics)
          .allTopicNames()
          .get()
          .forEach(
              (name, topic) ->
                  topic
                      .partitions()
                      .forEach(
                          p ->
                              wanted.put(
                                  new TopicPartition(name, p.partition()), OffsetSpec.latest())));
      Map<TopicPartition, Long> ends = new HashMap<>();
      admin.listOffsets(wanted).all().get().forEach((p, info) -> ends.put(p, info.offset()));
      return ends;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** Removes all records of the platform's topics that are not compacted. */
  public static void empty() {
    try (Admin admin = Admin.create(kafka().client(Map.of(), Map.of()))) {
      Set<String> topics = new java.util.HashSet<>(TopicPlan.embedded().topics().keySet());
      topics.removeAll(Set.of(Topics.RELEASES, Topics.TRIGGERS));
      Map<TopicPartition, RecordsToDelete> delete = new HashMap<>();
      ends(admin, topics).forEach((p, end) -> delete.put(p, RecordsToDelete.beforeOffset(end)));
      admin.deleteRecords(delete).all().get();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  public static Problem problem(ThrowingCallable call) {
    Problem[] problem = new Problem[1];
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(ProblemException.class, e -> problem[0] = e.problem());
    assertThat(problem[0].nextStep()).isNotBlank();
    return problem[0];
  }
}
