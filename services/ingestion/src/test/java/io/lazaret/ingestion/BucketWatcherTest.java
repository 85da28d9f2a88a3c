package io.lazaret.ingestion;

import static org.assertj.core.api.Assertions.assertThat;

import io.lazaret.checkpoints.ListedObject;
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
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Serde;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models that somebody puts into a bucket, in a real store and for a real inbox. */
class BucketWatcherTest {

  private static final Path MODEL =
      Path.of(System.getProperty("lazaret.root"), "libs/llm/src/test/resources/parity/llama/model");
  private static final String ROW = "{\"instruction\": \"Name a pet.\", \"output\": \"A cat.\"}";
  private static final int STABLE = 3;

  @TempDir static Path servers;
  @TempDir Path staging;

  private static final List<AutoCloseable> OPEN = new ArrayList<>();
  private static KafkaSettings kafka;
  private static Serde<SpecificRecord> values;
  private static ObjectStore objects;
  private static InboxPublisher inbox;

  @BeforeAll
  static void start() {
    EmbeddedKafka broker = closing(new EmbeddedKafka(servers.resolve("kafka"), 0));
    EmbeddedRegistry registry = closing(new EmbeddedRegistry(servers.resolve("registry"), 0));
    EmbeddedS3 s3 = closing(new EmbeddedS3(servers.resolve("s3"), 0, "access", "secret"));
    kafka = KafkaSettings.of(broker.bootstrapServers());
    TopicAdmin.createMissing(kafka, TopicPlan.embedded());
    RegistryClient client = new RegistryClient(RegistrySettings.of(registry.url()));
    SchemaRegistration.registerAll(client);
    values = new AvroSerde<>(client);
    inbox = closing(new InboxPublisher(kafka, values));
    objects = closing(new ObjectStore(S3Settings.of(s3.endpoint(), "access", "secret", "lazaret")));
    objects.ensureBucket();
  }

  @AfterAll
  static void stop() throws Exception {
    for (int i = OPEN.size() - 1; i >= 0; i--) {
      OPEN.get(i).close();
    }
  }

  private static <T extends AutoCloseable> T closing(T resource) {
    OPEN.add(resource);
    return resource;
  }

  private BucketWatcher watcher(String prefix) {
    UploadArea uploads = new UploadArea(staging, new UploadArea.Limits(1 << 22, 1 << 16, 100));
    Ingestion ingestion =
        new Ingestion(
            uploads,
            objects,
            new ModelStore(objects),
            inbox,
            new Envelopes(new Producer("test", "1"), Clock.systemUTC()));
    return new BucketWatcher(
        objects, uploads, ingestion, new BucketWatcher.Settings(prefix, STABLE, 1_000));
  }

  private static void put(String folder) throws IOException {
    try (Stream<Path> files = Files.list(MODEL)) {
      for (Path file : files.toList()) {
        objects.put(folder + "/" + file.getFileName(), file);
      }
    }
  }

  private static void put(String key, String text) {
    objects.put(key, text.getBytes(StandardCharsets.UTF_8));
  }

  private static List<ModelIngested> announced(String model) {
    List<ModelIngested> found = new ArrayList<>();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            kafka.client(Map.of(), Map.of()),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      Set<TopicPartition> partitions =
          consumer.partitionsFor(Topics.INBOX).stream()
              .map(info -> new TopicPartition(Topics.INBOX, info.partition()))
              .collect(java.util.stream.Collectors.toSet());
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      while (partitions.stream().anyMatch(each -> consumer.position(each) < ends.get(each))) {
        consumer
            .poll(Duration.ofMillis(100))
            .forEach(
                record -> {
                  ModelIngested event =
                      (ModelIngested)
                          values.deserializer().deserialize(record.topic(), record.value());
                  if (event.getModel().getName().equals(model)) {
                    found.add(event);
                  }
                });
      }
    }
    return found;
  }

  @Test
  void aModelWithItsMarkerIsIngestedAtOnceAndOnlyOnce() throws IOException {
    put("marked/nano");
    put("marked/nano/data/prompts.jsonl", ROW);
    put("marked/nano/policy.yaml", "maxRounds: 2");
    BucketWatcher watcher = watcher("marked/");
    watcher.poll();
    assertThat(announced("nano")).isEmpty();
    put("marked/nano/_COMPLETE", "");
    watcher.poll();
    watcher.poll();
    List<ModelIngested> announced = announced("nano");
    assertThat(announced).hasSize(1);
    assertThat(announced.get(0).getInputs().getPolicy()).contains("\"maxRounds\":2");
    // Another process, another disk: the same screening, which orchestration recognises.
    staging = Files.createTempDirectory(staging, "elsewhere");
    watcher("marked/").poll();
    assertThat(announced("nano"))
        .hasSize(2)
        .extracting(event -> event.getEnvelope().getEventId())
        .containsOnly(announced.get(0).getEnvelope().getEventId());
  }

  @Test
  void aModelWithoutMarkerIsIngestedWhenItsListingStaysTheSame() throws IOException {
    put("quiet/_data/prompts.jsonl", ROW);
    put("quiet/still/config.json", "{}");
    BucketWatcher watcher = watcher("quiet");
    for (int i = 1; i < STABLE; i++) {
      watcher.poll();
    }
    put("quiet/still/more.json", "{}");
    for (int i = 1; i < STABLE; i++) {
      watcher.poll();
    }
    assertThat(refusals("quiet/still")).isEmpty();
    watcher.poll();
    // What was complete then was no model; somebody who looks there learns why.
    assertThat(refusals("quiet/still")).hasSize(1);
    put("quiet/whole");
    for (int i = 0; i < STABLE; i++) {
      assertThat(announced("whole")).isEmpty();
      watcher.poll();
    }
    assertThat(announced("whole")).hasSize(1);
  }

  private static List<String> refusals(String folder) {
    return objects.list(folder + "/_REFUSED", 10).stream().map(ListedObject::key).toList();
  }

  @Test
  void aRefusedModelIsNotFetchedAgainUntilItChanges() throws IOException {
    put("refused/bad");
    put("refused/bad/_COMPLETE", "");
    BucketWatcher watcher = watcher("refused/");
    watcher.poll();
    watcher.poll();
    assertThat(announced("bad")).isEmpty();
    assertThat(refusals("refused/bad")).hasSize(1);
    put("refused/bad/data/prompts.jsonl", ROW);
    watcher.poll();
    assertThat(announced("bad")).hasSize(1);
    put("refused/evil name\u0001/config.json", "{}");
    put("refused/evil name\u0001/_COMPLETE", "");
    watcher.poll();
    assertThat(announced("evil name\u0001")).isEmpty();
  }
}
