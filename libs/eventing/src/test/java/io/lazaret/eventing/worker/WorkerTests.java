package io.lazaret.eventing.worker;

import static io.lazaret.eventing.TestPlatform.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;

import io.lazaret.eventing.Examples;
import io.lazaret.eventing.TestPlatform;
import io.lazaret.eventing.Topics;
import io.lazaret.schemas.DetectBackdoor;
import io.lazaret.schemas.Stage;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** Workers of one stage on a shared broker, and jobs that wait until the test lets them go. */
abstract class WorkerTests {

  static final String COMMANDS = Topics.commands(Stage.DETECTION);
  static final StageJob<DetectBackdoor> DONE =
      (command, context) ->
          Examples.detected(context.envelope("DetectionCompleted"), command.getJob(), "done");

  final List<StageWorker<?>> workers = new ArrayList<>();
  final CountDownLatch release = new CountDownLatch(1);
  final BlockingQueue<String> started = new LinkedBlockingQueue<>();

  @BeforeEach
  void empty() {
    TestPlatform.empty();
  }

  @AfterEach
  void close() {
    release.countDown();
    workers.parallelStream().forEach(StageWorker::close);
  }

  static WorkerSettings settings(String workerId) {
    return WorkerSettings.of(TestPlatform.kafka(), workerId, Examples.PRODUCER)
        .withLimits(Duration.ZERO, Duration.ofSeconds(5), 3)
        .withSessionTimeout(Duration.ofSeconds(6))
        .withIntervals(Duration.ofMillis(20), Duration.ofMillis(200));
  }

  StageWorker<DetectBackdoor> start(StageJob<DetectBackdoor> job) {
    return start(settings("a"), job, Clock.systemUTC());
  }

  StageWorker<DetectBackdoor> start(
      WorkerSettings settings, StageJob<DetectBackdoor> job, Clock clock) {
    StageWorker<DetectBackdoor> worker =
        new StageWorker<>(
            settings, TestPlatform.serde(), DetectBackdoor.class, job, JobStates.none(), clock);
    workers.add(worker);
    worker.start();
    return worker;
  }

  /** Says that it has started, then waits until the test lets go. */
  StageJob<DetectBackdoor> held() {
    return (command, context) -> {
      started.add(command.getEnvelope().getScreeningId());
      release.await();
      return DONE.run(command, context);
    };
  }

  String awaitStart() throws InterruptedException {
    return started.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  static void command(String screeningId) {
    command(Examples.detect(screeningId, "model-" + screeningId));
  }

  static void command(DetectBackdoor command) {
    TestPlatform.send(COMMANDS, command.getEnvelope().getModelName(), command);
  }

  static SpecificRecord onlyResult() {
    assertThat(TestPlatform.read(Topics.INBOX, 1)).hasSize(1);
    List<ConsumerRecord<byte[], byte[]>> all = TestPlatform.readAll(Topics.INBOX);
    assertThat(all).hasSize(1);
    return TestPlatform.serde().deserializer().deserialize(Topics.INBOX, all.get(0).value());
  }

  /** Sum over the partitions of how far the group has committed. */
  static long committed() throws Exception {
    try (Admin admin = Admin.create(TestPlatform.kafka().client(Map.of(), Map.of()))) {
      return admin
          .listConsumerGroupOffsets("lazaret-detection")
          .partitionsToOffsetAndMetadata()
          .get()
          .values()
          .stream()
          .mapToLong(each -> each == null ? 0 : each.offset())
          .sum();
    }
  }
}
