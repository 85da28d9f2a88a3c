package io.lazaret.eventing.streams;

import static io.lazaret.eventing.TestPlatform.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.lazaret.embedded.EmbeddedRegistry;
import io.lazaret.embedded.LoopbackPort;
import io.lazaret.eventing.DeadLetters;
import io.lazaret.eventing.Examples;
import io.lazaret.eventing.TestPlatform;
import io.lazaret.eventing.Topics;
import io.lazaret.eventing.avro.AvroSerde;
import io.lazaret.eventing.avro.RegistryClient;
import io.lazaret.eventing.avro.RegistrySettings;
import io.lazaret.eventing.avro.SchemaRegistration;
import io.lazaret.schemas.DetectBackdoor;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.state.QueryableStoreTypes;
import org.apache.kafka.streams.state.Stores;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StreamsRunnerTest {

  /** Longer than any restart, so that waiting for it shows. */
  private static final Duration SESSION = Duration.ofSeconds(45);

  private static final AtomicInteger NAMES = new AtomicInteger();

  @TempDir Path dir;

  private final String name = "test-" + NAMES.incrementAndGet();
  private StreamsRunner runner;

  @BeforeEach
  void empty() {
    TestPlatform.empty();
  }

  @AfterEach
  void close() {
    if (runner != null) {
      runner.close();
    }
  }

  private record App(String name, Topology topology) implements StreamsApp {}

  /** Counts screenings by model in a store and writes each command to the events, once. */
  private static StreamsApp counting(String name, Serde<SpecificRecord> values) {
    StreamsBuilder builder = new StreamsBuilder();
    var stream = builder.stream(Topics.INBOX, Consumed.with(Serdes.String(), values));
    stream
        .peek(
            (model, record) -> {
              if (((DetectBackdoor) record).getEnvelope().getScreeningId().equals("crash")) {
                throw new IllegalStateException("a bug of the processor");
              }
            })
        .to(Topics.EVENTS, Produced.with(Serdes.String(), values));
    stream
        .groupByKey()
        .count(
            Materialized.<String, Long>as(Stores.persistentKeyValueStore("counts"))
                .withKeySerde(Serdes.String())
                .withValueSerde(Serdes.Long()));
    return new App(name, builder.build());
  }

  private void start(StreamsApp... apps) {
    runner =
        new StreamsRunner(
            StreamsSettings.of(TestPlatform.kafka(), dir.resolve("state"))
                .withSessionTimeout(SESSION),
            List.of(apps));
    runner.start();
    await().atMost(PATIENCE).until(runner::ready);
  }

  private static void inbox(String screening, String model) {
    TestPlatform.send(Topics.INBOX, model, Examples.detect(screening, model));
  }

  @Test
  void processesRecordsAndServesItsStores() {
    start(counting(name, TestPlatform.serde()));
    inbox("s1", "m");
    inbox("s2", "m");
    assertThat(TestPlatform.read(Topics.EVENTS, 2)).hasSize(2);
    var counts = runner.store(name, "counts", QueryableStoreTypes.<String, Long>keyValueStore());
    await().atMost(PATIENCE).until(() -> Long.valueOf(2).equals(counts.get("m")));
    assertThat(runner.states()).containsOnlyKeys(name);
    assertThat(runner.problem()).isEmpty();
    assertThatThrownBy(() -> runner.store("other", "counts", QueryableStoreTypes.keyValueStore()))
        .hasMessageContaining("other");
  }

  @Test
  void buriesWhatItCannotReadAndWhatItsProcessorsCannotTakeAndGoesOn() {
    byte[] garbage = "garbage".getBytes(StandardCharsets.UTF_8);
    TestPlatform.send(Topics.INBOX, "m", garbage);
    inbox("crash", "m");
    inbox("good", "m");
    start(counting(name, TestPlatform.serde()));
    List<ConsumerRecord<byte[], byte[]>> events =
        TestPlatform.read(Topics.EVENTS, all -> !all.isEmpty());
    assertThat(events).hasSize(1);
    List<ConsumerRecord<byte[], byte[]>> dead =
        TestPlatform.readAll(Topics.deadLetters(Topics.INBOX));
    assertThat(dead)
        .extracting(each -> header(each, DeadLetters.CODE))
        .containsExactly("NOT_WIRE_FORMAT", "PROCESSING_FAILED");
    assertThat(dead.get(0).value()).isEqualTo(garbage);
    assertThat(header(dead.get(1), DeadLetters.REASON)).contains("a bug of the processor");
    assertThat(header(dead.get(1), DeadLetters.READER)).isEqualTo("lazaret-" + name);
    DetectBackdoor buried =
        (DetectBackdoor)
            TestPlatform.serde().deserializer().deserialize(Topics.INBOX, dead.get(1).value());
    assertThat(buried.getEnvelope().getScreeningId()).isEqualTo("crash");
    assertThat(runner.ready()).isTrue();
  }

  private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
    return new String(record.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
  }

  @Test
  void waitsForARegistryThatIsAwayInsteadOfBuryingRecords() {
    int port = LoopbackPort.claim(0, "test");
    RegistrySettings settings =
        RegistrySettings.of("http://127.0.0.1:" + port).withRetries(1, Duration.ofMillis(50));
    byte[] record;
    try (EmbeddedRegistry registry = new EmbeddedRegistry(dir.resolve("registry"), port)) {
      RegistryClient client = new RegistryClient(settings);
      SchemaRegistration.registerAll(client);
      record =
          new AvroSerde<DetectBackdoor>(client)
              .serializer()
              .serialize(Topics.INBOX, Examples.detect("s", "m"));
    }
    TestPlatform.send(Topics.INBOX, "m", record);
    runner =
        new StreamsRunner(
            StreamsSettings.of(TestPlatform.kafka(), dir.resolve("state")),
            List.of(counting(name, new AvroSerde<>(new RegistryClient(settings)))));
    runner.start();
    // The stream threads that die and are replaced meanwhile do so uncaught.
    await()
        .dontCatchUncaughtExceptions()
        .during(Duration.ofSeconds(2))
        .atMost(PATIENCE)
        .until(() -> TestPlatform.readAll(Topics.EVENTS).isEmpty());
    try (EmbeddedRegistry back = new EmbeddedRegistry(dir.resolve("registry"), port)) {
      assertThat(back.port()).isEqualTo(port);
      assertThat(TestPlatform.read(Topics.EVENTS, all -> !all.isEmpty())).hasSize(1);
    }
    assertThat(TestPlatform.readAll(Topics.deadLetters(Topics.INBOX))).isEmpty();
    assertThat(runner.problem()).isEmpty();
  }

  @Test
  void continuesWhereItWasAfterACleanRestartWithoutWaitingForItsOldSession() {
    start(counting(name, TestPlatform.serde()));
    inbox("s1", "m");
    assertThat(TestPlatform.read(Topics.EVENTS, 1)).hasSize(1);
    runner.close();
    inbox("s2", "m");
    long begin = System.nanoTime();
    start(counting(name, TestPlatform.serde()));
    assertThat(TestPlatform.read(Topics.EVENTS, 2)).hasSize(2);
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(SESSION);
    var counts = runner.store(name, "counts", QueryableStoreTypes.<String, Long>keyValueStore());
    await().atMost(PATIENCE).until(() -> Long.valueOf(2).equals(counts.get("m")));
    assertThat(TestPlatform.readAll(Topics.EVENTS)).hasSize(2);
  }

  @Test
  void runsSeveralApplicationsAndClosesThemTogether() {
    start(counting(name, TestPlatform.serde()), counting(name + "-b", TestPlatform.serde()));
    inbox("s", "m");
    assertThat(TestPlatform.read(Topics.EVENTS, 2)).hasSize(2);
    assertThat(runner.states()).containsOnlyKeys(name, name + "-b");
    runner.close();
    assertThat(runner.ready()).isFalse();
  }

  @Test
  void refusesAStateDirectoryThatAnotherRunnerUses() {
    start(counting(name, TestPlatform.serde()));
    assertThat(
            TestPlatform.problem(
                    () ->
                        new StreamsRunner(
                            StreamsSettings.of(TestPlatform.kafka(), dir.resolve("state")),
                            List.of(counting(name, TestPlatform.serde()))))
                .code())
        .isEqualTo("STATE_DIRECTORY_UNUSABLE");
    assertThat(runner.ready()).isTrue();
  }

  @Test
  void givesUpAndSaysWhyWhenItsThreadsKeepDying() {
    StreamsBuilder builder = new StreamsBuilder();
    builder.stream("lazaret.no-such-topic", Consumed.with(Serdes.String(), Serdes.String()))
        .to("lazaret.nowhere");
    StreamsApp broken = new App(name, builder.build());
    runner =
        new StreamsRunner(
            StreamsSettings.of(TestPlatform.kafka(), dir.resolve("state")), List.of(broken));
    runner.start();
    await()
        .dontCatchUncaughtExceptions()
        .atMost(Duration.ofSeconds(60))
        .until(() -> runner.problem().isPresent());
    assertThat(runner.problem().orElseThrow().code()).isEqualTo("STREAMS_FAILED");
    assertThat(runner.problem().orElseThrow().sentence()).contains(name);
    assertThat(runner.ready()).isFalse();
  }

  @Test
  void letsAnApplicationChangeItsOwnProperties() {
    StreamsApp slow =
        new StreamsApp() {
          @Override
          public String name() {
            return name;
          }

          @Override
          public Topology topology() {
            return new Topology();
          }

          @Override
          public Map<String, Object> properties() {
            return Map.of("commit.interval.ms", 100, "processing.guarantee", "at_least_once");
          }
        };
    Map<String, Object> properties =
        StreamsProperties.of(
            StreamsSettings.of(TestPlatform.kafka(), dir),
            slow,
            new DeadLetterSink(TestPlatform.kafka()));
    assertThat(properties)
        .containsEntry("commit.interval.ms", 100)
        .containsEntry("processing.guarantee", "exactly_once_v2")
        .containsEntry("statestore.cache.max.bytes", 0)
        .containsEntry("application.id", "lazaret-" + name);
  }
}
