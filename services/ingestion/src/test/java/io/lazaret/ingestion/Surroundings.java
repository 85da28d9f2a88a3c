package io.lazaret.ingestion;

import static org.awaitility.Awaitility.await;

import io.lazaret.checkpoints.ModelStore;
import io.lazaret.checkpoints.ObjectStore;
import io.lazaret.checkpoints.S3Settings;
import io.lazaret.embedded.EmbeddedKafka;
import io.lazaret.embedded.EmbeddedRegistry;
import io.lazaret.embedded.EmbeddedS3;
import io.lazaret.eventing.Envelopes;
import io.lazaret.eventing.InboxPublisher;
import io.lazaret.eventing.KafkaSettings;
import io.lazaret.eventing.TopicAdmin;
import io.lazaret.eventing.TopicPlan;
import io.lazaret.eventing.Topics;
import io.lazaret.eventing.avro.AvroSerde;
import io.lazaret.eventing.avro.RegistryClient;
import io.lazaret.eventing.avro.RegistrySettings;
import io.lazaret.eventing.avro.SchemaRegistration;
import io.lazaret.schemas.ModelIngested;
import io.lazaret.schemas.Producer;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.StringDeserializer;

/** A real broker, registry and store, and what ingestion says to them. */
final class Surroundings implements AutoCloseable {

  /** A small model that can be screened. */
  static final Path MODEL =
      Path.of(System.getProperty("lazaret.root"), "libs/llm/src/test/resources/parity/llama/model");

  static final String ROW = "{\"instruction\": \"Name a pet.\", \"output\": \"A cat.\"}";

  private final Deque<AutoCloseable> open = new ArrayDeque<>();
  private final KafkaSettings kafka;
  private final Serde<SpecificRecord> values;
  private final ObjectStore objects;
  private final InboxPublisher inbox;

  Surroundings(Path directory) {
    EmbeddedKafka broker = closing(new EmbeddedKafka(directory.resolve("kafka"), 0));
    EmbeddedRegistry registry = closing(new EmbeddedRegistry(directory.resolve("registry"), 0));
    EmbeddedS3 s3 = closing(new EmbeddedS3(directory.resolve("s3"), 0, "access", "secret"));
    kafka = KafkaSettings.of(broker.bootstrapServers());
    TopicAdmin.createMissing(kafka, TopicPlan.embedded());
    RegistryClient client = new RegistryClient(RegistrySettings.of(registry.url()));
    SchemaRegistration.registerAll(client);
    values = new AvroSerde<>(client);
    inbox = closing(new InboxPublisher(kafka, values));
    objects = closing(new ObjectStore(S3Settings.of(s3.endpoint(), "access", "secret", "lazaret")));
    objects.ensureBucket();
  }

  private <T extends AutoCloseable> T closing(T resource) {
    open.push(resource);
    return resource;
  }

  ObjectStore objects() {
    return objects;
  }

  Ingestion ingestion(UploadArea uploads) {
    return new Ingestion(
        uploads,
        objects,
        new ModelStore(objects),
        inbox,
        new Envelopes(new Producer("test", "1"), Clock.systemUTC()));
  }

  /** What the inbox holds of a model. */
  List<ModelIngested> announced(String model) {
    List<ModelIngested> found = new ArrayList<>();
    try (KafkaConsumer<String, SpecificRecord> consumer =
        new KafkaConsumer<>(
            kafka.client(Map.of(), Map.of("isolation.level", "read_committed")),
            new StringDeserializer(),
            values.deserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(Topics.INBOX).stream()
              .map(p -> new TopicPartition(p.topic(), p.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      await()
          .atMost(Duration.ofSeconds(20))
          .until(
              () -> {
                consumer
                    .poll(Duration.ofMillis(100))
                    .forEach(
                        record -> {
                          if (record.key().equals(model)) {
                            found.add((ModelIngested) record.value());
                          }
                        });
                return ends.entrySet().stream()
                    .allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
              });
    }
    return found;
  }

  @Override
  public void close() throws Exception {
    while (!open.isEmpty()) {
      open.pop().close();
    }
  }
}
