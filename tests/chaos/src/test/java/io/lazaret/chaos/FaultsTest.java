package io.lazaret.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.lazaret.eventing.Envelopes;
import io.lazaret.eventing.Topics;
import io.lazaret.eventing.streams.StreamsRunner;
import io.lazaret.eventing.streams.StreamsSettings;
import io.lazaret.orchestration.OrchestrationApp;
import io.lazaret.orchestration.OrchestrationSettings;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Everything around the services fails in every way that it can; the record stays true. */
@Execution(ExecutionMode.CONCURRENT)
class FaultsTest {

  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final Set<Role> ALL = EnumSet.complementOf(EnumSet.of(Role.INGESTION));

  @TempDir Path directory;

  private ChaosPlatform platform;

  @BeforeEach
  void start() {
    platform = new ChaosPlatform(directory);
  }

  @AfterEach
  void stop() throws Exception {
    platform.close();
  }

  private void ask(int screenings) {
    for (int i = 0; i < screenings; i++) {
      platform.ask();
    }
  }

  private void everythingIsDecided(String... decisions) throws InterruptedException {
    assertThat(platform.awaitVerdicts(PATIENCE)).as("a screening is stuck").isTrue();
    assertThat(Invariants.violations(platform.recording())).isEmpty();
    assertThat(platform.verdicts().values()).containsOnly(decisions);
  }

  private KafkaProducer<byte[], byte[]> producer() {
    return new KafkaProducer<>(
        platform.kafka().client(Map.of(), Map.of("max.request.size", 32 << 20)),
        new ByteArraySerializer(),
        new ByteArraySerializer());
  }

  @Test
  void aZombieThatWakesUpAfterItsWorkWasTakenOverChangesNothing() throws Exception {
    platform.runHere(EnumSet.complementOf(EnumSet.of(Role.INGESTION, Role.EVALUATION)));
    try (ServiceProcess zombie =
        ServiceProcess.prepare(Role.EVALUATION, platform.access("zombie"))) {
      ask(3);
      zombie.arm(CrashPoint.UPLOADED, 0);
      while (!zombie.awaitArrival(Duration.ofSeconds(1))) {
        ask(1);
      }
      zombie.signal("STOP");
      platform.runHere(ALL);
      assertThat(platform.awaitVerdicts(PATIENCE)).isTrue();
      zombie.signal("CONT");
      ask(3);
      everythingIsDecided("PROMOTED");
      zombie.signal("TERM");
      assertThat(zombie.awaitEnd(Duration.ofSeconds(40))).as("ends when it is told to").isTrue();
    }
  }

  @Test
  void poisonGoesToTheDeadLettersAndStallsNothing() throws Exception {
    platform.runHere(ALL);
    int poison = Integer.getInteger("chaos.poison", 200);
    Random random = new Random(7);
    List<String> topics = new ArrayList<>(List.of(Topics.INBOX));
    Topics.COMMANDED.forEach(stage -> topics.add(Topics.commands(stage)));
    byte[] wrongSchema =
        platform
            .values()
            .serializer()
            .serialize(Topics.INBOX, ChaosPlatform.ingested("0123").getModel());
    try (KafkaProducer<byte[], byte[]> producer = producer()) {
      for (int i = 0; i < poison; i++) {
        byte[] garbage = new byte[random.nextInt(64)];
        random.nextBytes(garbage);
        byte[] value = i % 5 == 0 ? wrongSchema : i % 5 == 1 ? null : garbage;
        byte[] key = i % 7 == 0 ? null : ("model-" + i % 16).getBytes(StandardCharsets.UTF_8);
        producer.send(new ProducerRecord<>(topics.get(i % topics.size()), key, value));
        if (i % 20 == 0) {
          ask(1);
        }
      }
      assertThat(
              org.assertj.core.api.Assertions.catchThrowable(
                  () ->
                      producer.send(new ProducerRecord<>(Topics.INBOX, new byte[20 << 20])).get()))
          .as("20 MB are refused by the broker")
          .isNotNull();
    }
    everythingIsDecided("PROMOTED");
    assertThat(platform.recording().letters())
        .hasSizeBetween(poison, poison + 5)
        .allMatch(letter -> !letter.code().isEmpty() && !letter.reason().isEmpty());
  }

  @Test
  void recordsThatComeTwiceLateAndInAnyOrderChangeNothing() throws Exception {
    platform.runHere(ALL);
    ask(6);
    everythingIsDecided("PROMOTED");
    List<SpecificRecord> again = new ArrayList<>(platform.recording().inbox());
    Collections.shuffle(again, new Random(7));
    ask(4);
    for (int i = 0; i < again.size(); i++) {
      platform.publish(again.get(i));
      if (i % 3 == 0) {
        platform.publish(again.get(i));
      }
    }
    ask(2);
    everythingIsDecided("PROMOTED");
    assertThat(platform.verdicts()).hasSize(12);
  }

  @Test
  void aStoreThatFailsInEveryWayDelaysWorkAndSpoilsNone() throws Exception {
    try (FaultProxy store = new FaultProxy(URI.create(platform.s3Endpoint()).getPort(), 6, 7)) {
      Access faulty =
          new Access(
              platform.bootstrap(),
              platform.registryUrl(),
              "http://127.0.0.1:" + store.port(),
              directory.resolve("work-faulty"));
      platform.runHere(EnumSet.of(Role.ORCHESTRATION));
      for (Role role : EnumSet.complementOf(EnumSet.of(Role.INGESTION, Role.ORCHESTRATION))) {
        platform.runHere(role, faulty, Clock.systemUTC());
      }
      for (FaultProxy.Fault fault : FaultProxy.Fault.values()) {
        store.set(fault);
        ask(3);
        assertThat(platform.awaitVerdicts(PATIENCE))
            .as("stuck while the store is " + fault)
            .isTrue();
      }
      assertThat(store.harmed()).isGreaterThan(5);
    }
    // A job that meets the faults too often ends its screening unassessed, never clean.
    everythingIsDecidedAndNothingIsClean();
  }

  private void everythingIsDecidedAndNothingIsClean() {
    assertThat(Invariants.violations(platform.recording())).isEmpty();
    assertThat(platform.verdicts().values()).isSubsetOf("PROMOTED", "UNASSESSED");
    assertThat(platform.verdicts().values()).contains("PROMOTED");
  }

  @Test
  void aRegistryThatIsDownOrSlowDelaysWorkAndSpoilsNone() throws Exception {
    try (FaultProxy registry = new FaultProxy(URI.create(platform.registryUrl()).getPort(), 1, 7)) {
      Access behind =
          new Access(
              platform.bootstrap(),
              "http://127.0.0.1:" + registry.port(),
              platform.s3Endpoint(),
              directory.resolve("work-behind"));
      for (Role role : ALL) {
        platform.runHere(role, behind, Clock.systemUTC());
      }
      ask(2);
      assertThat(platform.awaitVerdicts(PATIENCE)).isTrue();
      platform.runHere(Set.of());
      registry.set(FaultProxy.Fault.REFUSED);
      for (Role role : ALL) {
        platform.runHere(role, behind, Clock.systemUTC());
      }
      ask(3);
      assertThat(platform.awaitVerdicts(Duration.ofSeconds(3))).as("nothing can be read").isFalse();
      registry.set(FaultProxy.Fault.SLOW);
      everythingIsDecided("PROMOTED");
      assertThat(platform.recording().letters()).isEmpty();
    }
  }

  @Test
  void clocksThatJumpByADayChangeNothing() throws Exception {
    AtomicLong offset = new AtomicLong();
    Clock jumping =
        new Clock() {
          @Override
          public ZoneId getZone() {
            return ZoneId.of("UTC");
          }

          @Override
          public Clock withZone(ZoneId zone) {
            return this;
          }

          @Override
          public Instant instant() {
            return Instant.now().plusMillis(offset.get());
          }
        };
    platform.runHere(EnumSet.of(Role.ORCHESTRATION));
    for (Role role : EnumSet.complementOf(EnumSet.of(Role.INGESTION, Role.ORCHESTRATION))) {
      platform.runHere(role, platform.access("jumping"), jumping);
    }
    long day = Duration.ofDays(1).toMillis();
    for (long jump : new long[] {day, -day, 0, -day, day}) {
      ask(2);
      offset.set(jump);
      ask(2);
    }
    everythingIsDecided("PROMOTED");
  }

  @Test
  void aDiskThatIsFullEndsInARetryAndNotInALie() throws Exception {
    platform.runHere(EnumSet.complementOf(EnumSet.of(Role.INGESTION, Role.ORCHESTRATION)));
    // No file of this process can grow beyond 1 KiB: writing fails as on a full disk. RocksDB's own
    // library must lie unpacked already.
    Path library = directory.resolve("librocksdbjni-linux64.so");
    try (var packed = org.rocksdb.RocksDB.class.getResourceAsStream("/librocksdbjni-linux64.so")) {
      Files.copy(packed, library);
    }
    List<String> full =
        List.of(
            "bash",
            "-c",
            "ulimit -f 1; export LD_LIBRARY_PATH=" + directory + "; exec \"$@\"",
            "bash");
    try (ServiceProcess starved =
        ServiceProcess.prepare(Role.ORCHESTRATION, platform.access("full"), full)) {
      starved.runUnharmed();
      ask(2);
      assertThat(platform.awaitVerdicts(Duration.ofSeconds(8))).as("there is no room").isFalse();
    }
    try (ServiceProcess roomy =
        ServiceProcess.prepare(Role.ORCHESTRATION, platform.access("full"))) {
      roomy.runUnharmed();
      everythingIsDecided("PROMOTED");
    }
  }

  /** I9: the inbox alone, read again by a clean platform, leads to the same verdicts. */
  @Test
  void aCleanClusterDecidesTheSameFromTheSameInbox(@TempDir Path elsewhere) throws Exception {
    platform.runHere(ALL);
    ask(6);
    everythingIsDecided("PROMOTED");
    try (ChaosPlatform clean = new ChaosPlatform(elsewhere);
        StreamsRunner alone =
            new StreamsRunner(
                StreamsSettings.of(clean.kafka(), elsewhere.resolve("streams")),
                List.of(new OrchestrationApp(clean.values(), OrchestrationSettings.of("chaos"))))) {
      alone.start();
      platform.recording().inbox().forEach(clean::publish);
      org.awaitility.Awaitility.await()
          .atMost(PATIENCE)
          .until(() -> clean.verdicts().size() == platform.verdicts().size());
      assertThat(documents(clean)).isEqualTo(documents(platform)).hasSize(6);
    }
  }

  private static Map<String, String> documents(ChaosPlatform platform) {
    Map<String, String> documents = new java.util.TreeMap<>();
    for (SpecificRecord event : platform.recording().events()) {
      Invariants.verdict(event)
          .ifPresent(
              verdict -> {
                // How long it took is the one thing that may differ.
                verdict.setDurationSeconds(0);
                documents.put(Envelopes.of(event).getScreeningId(), verdict.toString());
              });
    }
    return documents;
  }
}
