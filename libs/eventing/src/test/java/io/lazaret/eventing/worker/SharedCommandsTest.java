package io.lazaret.eventing.worker;

import static io.lazaret.eventing.TestPlatform.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lazaret.eventing.Envelopes;
import io.lazaret.eventing.TestPlatform;
import io.lazaret.eventing.Topics;
import io.lazaret.schemas.DetectBackdoor;
import io.lazaret.schemas.DetectionCompleted;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

/** Workers that share commands, take over from each other, or only believe that they are alive. */
class SharedCommandsTest extends WorkerTests {

  @Test
  void dropsTheResultOfAZombieWhosePartitionAnotherHasClaimed() throws Exception {
    command("s");
    start(settings("a"), held(), Clock.systemUTC());
    awaitStart();
    for (int partition = 0; partition < TestPlatform.PARTITIONS; partition++) {
      claim("lazaret-detection-" + partition);
    }
    release.countDown();
    await().atMost(PATIENCE).until(() -> workers.get(0).state() == WorkerState.IDLE);
    assertThat(TestPlatform.readAll(Topics.INBOX)).isEmpty();
    assertThat(started).isEmpty();
    // Nobody has really taken the partition: the command is taken up again, once.
    onlyResult();
  }

  private static void claim(String transactionalId) {
    try (KafkaProducer<byte[], byte[]> other =
        new KafkaProducer<>(
            TestPlatform.kafka().client(Map.of(), Map.of("transactional.id", transactionalId)),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      other.initTransactions();
    }
  }

  @Test
  void sharesTheCommandsWithAWorkerThatJoins() throws Exception {
    for (int i = 0; i < 6; i++) {
      command("s" + i);
    }
    start(settings("a"), held(), Clock.systemUTC());
    awaitStart();
    List<String> others = new java.util.concurrent.CopyOnWriteArrayList<>();
    start(
        settings("b"),
        (command, context) -> {
          others.add(command.getEnvelope().getScreeningId());
          return DONE.run(command, context);
        },
        Clock.systemUTC());
    await().atMost(PATIENCE).until(() -> !others.isEmpty());
    release.countDown();
    Set<String> seen = new java.util.HashSet<>();
    for (SpecificRecord result : TestPlatform.read(Topics.INBOX, 6)) {
      assertThat(seen.add(Envelopes.of(result).getScreeningId())).isTrue();
    }
    assertThat(seen).hasSize(6);
    assertThat(TestPlatform.readAll(Topics.INBOX)).hasSize(6);
  }

  @Test
  void takesOverFromAWorkerThatWasKilled() throws Exception {
    command("s");
    try (WorkerProcess killed =
        WorkerProcess.start(TestPlatform.kafka(), TestPlatform.registryUrl(), "killed")) {
      assertThat(killed.awaitJob()).isEqualTo("s");
      killed.kill();
    }
    long start = System.nanoTime();
    start(DONE);
    assertThat(onlyResult()).isInstanceOf(DetectionCompleted.class);
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(30));
  }

  @Test
  void takesOverFromAWorkerThatWasKilledWhileItCommitted() {
    for (int partition = 0; partition < TestPlatform.PARTITIONS; partition++) {
      leaveOpen(new TopicPartition(COMMANDS, partition));
    }
    command("s");
    start(DONE);
    assertThat(onlyResult()).isInstanceOf(DetectionCompleted.class);
  }

  /** A transaction that does not time out while a test waits. */
  private static void leaveOpen(TopicPartition partition) {
    Map<String, Object> fixed =
        Map.of(
            "transactional.id",
            "lazaret-detection-" + partition.partition(),
            "transaction.timeout.ms",
            600_000);
    KafkaProducer<byte[], byte[]> killed =
        new KafkaProducer<>(
            TestPlatform.kafka().client(Map.of(), fixed),
            new ByteArraySerializer(),
            new ByteArraySerializer());
    killed.initTransactions();
    killed.beginTransaction();
    killed.sendOffsetsToTransaction(
        Map.of(partition, new OffsetAndMetadata(1)),
        new ConsumerGroupMetadata("lazaret-detection"));
    killed.close(Duration.ZERO);
  }

  @Test
  void comesBackAtOnceUnderItsOwnIdWhenThatIsStable() throws Exception {
    command("s");
    StageWorker<DetectBackdoor> first =
        start(settings("stable").withStaticMembership(true), held(), Clock.systemUTC());
    awaitStart();
    start(settings("stable").withStaticMembership(true), DONE, Clock.systemUTC());
    assertThat(onlyResult()).isInstanceOf(DetectionCompleted.class);
    await().atMost(PATIENCE).until(() -> first.state() == WorkerState.FAILED);
    assertThat(first.problem().orElseThrow().code()).isEqualTo("WORKER_REPLACED");
    // Static members stay in the group after they close; the next test must not wait for this one.
    leave("stable");
  }

  private static void leave(String instance) throws Exception {
    try (Admin admin = Admin.create(TestPlatform.kafka().client(Map.of(), Map.of()))) {
      admin
          .removeMembersFromConsumerGroup(
              "lazaret-detection",
              new org.apache.kafka.clients.admin.RemoveMembersFromConsumerGroupOptions(
                  Set.of(new org.apache.kafka.clients.admin.MemberToRemove(instance))))
          .all()
          .get();
    }
  }

  @Test
  void leavesNothingOfAResultVisibleWhenItDiesBeforeTheCommit() throws Exception {
    TopicPartition partition = new TopicPartition(COMMANDS, 0);
    Map<String, Object> crashing =
        TestPlatform.kafka().client(Map.of(), Map.of("transactional.id", "lazaret-detection-0"));
    KafkaProducer<byte[], byte[]> died =
        new KafkaProducer<>(crashing, new ByteArraySerializer(), new ByteArraySerializer());
    died.initTransactions();
    died.beginTransaction();
    died.send(
            new org.apache.kafka.clients.producer.ProducerRecord<>(
                Topics.INBOX, new byte[] {1}, new byte[] {2}))
        .get();
    died.flush();
    try (OffsetTransactions next =
        new OffsetTransactions(TestPlatform.kafka(), "lazaret-detection-")) {
      assertThat(next.claim(partition)).isTrue();
    }
    assertThat(TestPlatform.readAll(Topics.INBOX)).isEmpty();
    died.close(Duration.ZERO);
    command("s");
    start(DONE);
    assertThat(onlyResult()).isInstanceOf(DetectionCompleted.class);
  }
}
