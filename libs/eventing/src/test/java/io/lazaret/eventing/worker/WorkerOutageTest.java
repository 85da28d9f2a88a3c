package io.lazaret.eventing.worker;

import static io.lazaret.eventing.TestPlatform.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lazaret.embedded.EmbeddedKafka;
import io.lazaret.embedded.EmbeddedRegistry;
import io.lazaret.embedded.LoopbackPort;
import io.lazaret.eventing.Examples;
import io.lazaret.eventing.KafkaSettings;
import io.lazaret.eventing.TestPlatform;
import io.lazaret.eventing.TopicAdmin;
import io.lazaret.eventing.TopicPlan;
import io.lazaret.eventing.Topics;
import io.lazaret.eventing.avro.AvroSerde;
import io.lazaret.eventing.avro.RegistryClient;
import io.lazaret.eventing.avro.RegistrySettings;
import io.lazaret.eventing.avro.SchemaRegistration;
import io.lazaret.schemas.DetectBackdoor;
import io.lazaret.schemas.Stage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WorkerOutageTest {

  private static final String COMMANDS = Topics.commands(Stage.DETECTION);

  @TempDir Path dir;

  @Test
  void keepsTheResultOfAJobWhileTheBrokerRestarts() throws Exception {
    int port = LoopbackPort.claim(0, "test");
    KafkaSettings kafka = KafkaSettings.of("127.0.0.1:" + port);
    CountDownLatch running = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    EmbeddedKafka broker = new EmbeddedKafka(dir, port);
    try (StageWorker<DetectBackdoor> worker =
        new StageWorker<>(
            WorkerSettings.of(kafka, "a", Examples.PRODUCER),
            TestPlatform.serde(),
            DetectBackdoor.class,
            (command, context) -> {
              running.countDown();
              release.await();
              return Examples.detected(
                  context.envelope("DetectionCompleted"), command.getJob(), "survived");
            })) {
      TopicAdmin.createMissing(kafka, TopicPlan.embedded().withPartitions(1));
      send(kafka, Examples.detect("s", "m"));
      worker.start();
      running.await();
      broker.close();
      release.countDown();
      broker = new EmbeddedKafka(dir, port);
      List<ConsumerRecord<byte[], byte[]>> results =
          TestPlatform.read(kafka, Topics.INBOX, all -> !all.isEmpty());
      assertThat(results).hasSize(1);
      await().atMost(PATIENCE).until(() -> worker.state() == WorkerState.IDLE);
      assertThat(TestPlatform.read(kafka, Topics.INBOX, all -> !all.isEmpty())).hasSize(1);
    } finally {
      broker.close();
    }
  }

  private static void send(KafkaSettings kafka, DetectBackdoor command) throws Exception {
    byte[] value = TestPlatform.serde().serializer().serialize(COMMANDS, command);
    byte[] key = command.getEnvelope().getModelName().getBytes(StandardCharsets.UTF_8);
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            kafka.client(Map.of(), Map.of()),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      producer.send(new ProducerRecord<>(COMMANDS, key, value)).get();
    }
  }

  @Test
  void waitsForARegistryThatIsAwayInsteadOfBuryingTheCommand() throws Exception {
    TestPlatform.empty();
    int port = LoopbackPort.claim(0, "test");
    RegistrySettings settings =
        RegistrySettings.of("http://127.0.0.1:" + port).withRetries(0, Duration.ofMillis(1));
    byte[] command;
    try (EmbeddedRegistry registry = new EmbeddedRegistry(dir, port)) {
      RegistryClient client = new RegistryClient(settings);
      SchemaRegistration.registerAll(client);
      command =
          new AvroSerde<DetectBackdoor>(client)
              .serializer()
              .serialize(COMMANDS, Examples.detect("s", "m"));
    }
    TestPlatform.send(COMMANDS, "m", command);
    try (StageWorker<DetectBackdoor> worker =
        new StageWorker<>(
            WorkerSettings.of(TestPlatform.kafka(), "a", Examples.PRODUCER),
            new AvroSerde<>(new RegistryClient(settings)),
            DetectBackdoor.class,
            (given, context) ->
                Examples.detected(
                    context.envelope("DetectionCompleted"), given.getJob(), "waited"))) {
      worker.start();
      await().atMost(PATIENCE).until(() -> worker.state() == WorkerState.IDLE);
      await()
          .during(Duration.ofSeconds(2))
          .until(() -> TestPlatform.readAll(Topics.INBOX).isEmpty());
      try (EmbeddedRegistry back = new EmbeddedRegistry(dir, port)) {
        assertThat(back.port()).isEqualTo(port);
        assertThat(TestPlatform.read(Topics.INBOX, all -> !all.isEmpty())).hasSize(1);
      }
      assertThat(TestPlatform.readAll(Topics.deadLetters(COMMANDS))).isEmpty();
    }
  }
}
