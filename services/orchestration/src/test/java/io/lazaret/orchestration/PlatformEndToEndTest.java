package io.lazaret.orchestration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lazaret.embedded.EmbeddedKafka;
import io.lazaret.embedded.EmbeddedRegistry;
import io.lazaret.eventing.DeadLetters;
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
import io.lazaret.eventing.streams.StreamsRunner;
import io.lazaret.eventing.streams.StreamsSettings;
import io.lazaret.eventing.worker.StageJob;
import io.lazaret.eventing.worker.StageWorker;
import io.lazaret.eventing.worker.WorkerSettings;
import io.lazaret.schemas.DetectBackdoor;
import io.lazaret.schemas.EliminateBackdoor;
import io.lazaret.schemas.EvaluateModel;
import io.lazaret.schemas.Producer;
import io.lazaret.schemas.SimulateTrigger;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serde;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Orchestration and workers on a real broker and registry, with stages that answer at once. */
class PlatformEndToEndTest {

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir Path directory;

  private final List<AutoCloseable> open = new ArrayList<>();
  private KafkaSettings kafka;
  private Serde<SpecificRecord> values;
  private InboxPublisher inbox;

  @BeforeEach
  void start() {
    EmbeddedKafka broker = closing(new EmbeddedKafka(directory.resolve("kafka"), 0));
    EmbeddedRegistry registry = closing(new EmbeddedRegistry(directory.resolve("registry"), 0));
    kafka = KafkaSettings.of(broker.bootstrapServers());
    TopicAdmin.createMissing(kafka, TopicPlan.embedded());
    RegistryClient client = new RegistryClient(RegistrySettings.of(registry.url()));
    SchemaRegistration.registerAll(client);
    values = new AvroSerde<>(client);
    inbox = closing(new InboxPublisher(kafka, values));
  }

  @AfterEach
  void stop() throws Exception {
    for (int i = open.size() - 1; i >= 0; i--) {
      open.get(i).close();
    }
  }

  @Test
  void everyScreeningEndsInExactlyOneVerdict() {
    orchestration("one");
    workers();
    for (int i = 0; i < 12; i++) {
      inbox.publish(FakeStages.ingested("model-" + i % 5, "s" + i));
      inbox.publish(FakeStages.ingested("model-" + i % 5, "s" + i));
    }
    Map<String, List<SpecificRecord>> record = awaitRecord(12 * 8);
    assertThat(record).hasSize(12);
    record.values().forEach(PlatformEndToEndTest::assertWholeAndGapless);
  }

  @Test
  void passingFailureIsTriedAgainAndPoisonIsSetAside() {
    AtomicInteger tries = new AtomicInteger();
    orchestration("one");
    worker(
        DetectBackdoor.class,
        (command, context) -> {
          if (tries.incrementAndGet() == 1) {
            throw new IllegalStateException("the first try always fails");
          }
          return FakeStages.detect(command, context);
        });
    worker(SimulateTrigger.class, FakeStages::simulate);
    worker(EliminateBackdoor.class, FakeStages::eliminate);
    worker(EvaluateModel.class, FakeStages::evaluate);
    poison();
    inbox.publish(FakeStages.ingested("nano", "s1"));

    List<SpecificRecord> events = awaitRecord(9).get("s1");
    assertThat(events.get(1).getSchema().getName()).isEqualTo("StageFailed");
    assertThat(events.get(7).getSchema().getName()).isEqualTo("ModelPromoted");
    List<ConsumerRecord<byte[], byte[]>> letters = read(Topics.deadLetters(Topics.INBOX), 1);
    assertThat(letters).hasSize(1);
    assertThat(letters.get(0).headers().lastHeader(DeadLetters.REASON)).isNotNull();
  }

  @Test
  void orchestrationThatRestartsInTheMiddleGoesOn() throws Exception {
    AutoCloseable first = orchestration("one");
    inbox.publish(FakeStages.ingested("nano", "s1"));
    awaitRecord(1);
    first.close();
    orchestration("two");
    workers();
    assertWholeAndGapless(awaitRecord(8).get("s1"));
  }

  private static void assertWholeAndGapless(List<SpecificRecord> events) {
    assertThat(events)
        .extracting(event -> Envelopes.of(event).getSequence())
        .containsExactly(0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L);
    assertThat(events.get(6).getSchema().getName()).isEqualTo("ModelPromoted");
  }

  private StreamsRunner orchestration(String state) {
    StreamsRunner runner =
        closing(
            new StreamsRunner(
                StreamsSettings.of(kafka, directory.resolve("state-" + state)),
                List.of(new OrchestrationApp(values, OrchestrationSettings.of("1")))));
    runner.start();
    return runner;
  }

  private void workers() {
    worker(DetectBackdoor.class, FakeStages::detect);
    worker(SimulateTrigger.class, FakeStages::simulate);
    worker(EliminateBackdoor.class, FakeStages::eliminate);
    worker(EvaluateModel.class, FakeStages::evaluate);
  }

  private <C extends SpecificRecord> void worker(Class<C> command, StageJob<C> job) {
    WorkerSettings settings = WorkerSettings.of(kafka, "w", new Producer("test", "1"));
    closing(new StageWorker<>(settings, values, command, job)).start();
  }

  private void poison() {
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            kafka.client(Map.of(), Map.of()),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      producer.send(
          new ProducerRecord<>(Topics.INBOX, "nano".getBytes(), "not a record".getBytes()));
    }
  }

  /** The record by screening, once it holds so many events. */
  private Map<String, List<SpecificRecord>> awaitRecord(int count) {
    return read(Topics.EVENTS, count).stream()
        .map(r -> values.deserializer().deserialize(r.topic(), r.value()))
        .collect(Collectors.groupingBy(e -> Envelopes.of(e).getScreeningId()));
  }

  private List<ConsumerRecord<byte[], byte[]>> read(String topic, int count) {
    List<ConsumerRecord<byte[], byte[]>> found = new ArrayList<>();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            kafka.client(
                Map.of(),
                Map.of(
                    "group.id",
                    UUID.randomUUID().toString(),
                    "auto.offset.reset",
                    "earliest",
                    "isolation.level",
                    "read_committed")),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      consumer.subscribe(List.of(topic));
      await()
          .atMost(PATIENCE)
          .until(
              () -> {
                consumer.poll(Duration.ofMillis(200)).forEach(found::add);
                return found.size() >= count;
              });
    }
    return found;
  }

  private <T extends AutoCloseable> T closing(T resource) {
    open.add(resource);
    return resource;
  }
}
