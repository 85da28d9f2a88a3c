package io.lazaret.eventing.worker;

import static io.lazaret.eventing.TestPlatform.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lazaret.eventing.Examples;
import io.lazaret.eventing.MutableClock;
import io.lazaret.eventing.TestPlatform;
import io.lazaret.eventing.Topics;
import io.lazaret.problem.Problem;
import io.lazaret.problem.ProblemException;
import io.lazaret.schemas.DetectBackdoor;
import io.lazaret.schemas.DetectionCompleted;
import io.lazaret.schemas.Stage;
import io.lazaret.schemas.StageFailed;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Jobs that are killed, drained, handed back, and go on from what they saved. */
class InterruptedJobsTest {

  private static final String COMMANDS = Topics.commands(Stage.DETECTION);

  @TempDir Path directory;

  private final List<StageWorker<?>> workers = new ArrayList<>();
  private final CountDownLatch release = new CountDownLatch(1);
  private final BlockingQueue<String> started = new LinkedBlockingQueue<>();
  private final Map<String, String> saved = new ConcurrentHashMap<>();

  /** States of one line each, in memory. */
  private final JobStates states =
      new JobStates() {
        @Override
        public boolean latest(String jobId, String part, Path into) {
          String line = saved.get(jobId + "/" + part);
          if (line != null) {
            write(into.resolve("line"), line);
          }
          return line != null;
        }

        @Override
        public void save(String jobId, String part, Path from) {
          saved.put(jobId + "/" + part, read(from.resolve("line")));
        }

        @Override
        public void forget(String jobId) {
          saved.keySet().removeIf(key -> key.startsWith(jobId));
        }
      };

  @BeforeEach
  void empty() {
    TestPlatform.empty();
  }

  @AfterEach
  void close() {
    release.countDown();
    workers.parallelStream().forEach(StageWorker::close);
  }

  private StageWorker<DetectBackdoor> start(Duration drain, StageJob<DetectBackdoor> job) {
    return start(drain, job, states, Clock.systemUTC());
  }

  private StageWorker<DetectBackdoor> start(
      Duration drain, StageJob<DetectBackdoor> job, JobStates jobStates, Clock clock) {
    WorkerSettings settings =
        WorkerSettings.of(TestPlatform.kafka(), "w", Examples.PRODUCER)
            .withLimits(drain, Duration.ofSeconds(5), 3)
            .withSessionTimeout(Duration.ofSeconds(6))
            .withIntervals(Duration.ofMillis(20), Duration.ofMillis(200));
    StageWorker<DetectBackdoor> worker =
        new StageWorker<>(
            settings, TestPlatform.serde(), DetectBackdoor.class, job, jobStates, clock);
    workers.add(worker);
    worker.start();
    return worker;
  }

  private static SpecificRecord done(DetectBackdoor command, JobContext context) {
    return Examples.detected(context.envelope("DetectionCompleted"), command.getJob(), "done");
  }

  private SpecificRecord held(DetectBackdoor command, JobContext context)
      throws InterruptedException {
    started.add(command.getEnvelope().getScreeningId());
    release.await();
    return done(command, context);
  }

  private String awaitStart() throws InterruptedException {
    return started.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  private static SpecificRecord onlyResult() {
    assertThat(TestPlatform.read(Topics.INBOX, 1)).hasSize(1);
    assertThat(TestPlatform.readAll(Topics.INBOX)).hasSize(1);
    return TestPlatform.read(Topics.INBOX, 1).get(0);
  }

  private static void command(String screeningId) {
    TestPlatform.send(COMMANDS, "m", Examples.detect(screeningId, "m"));
  }

  /** Puts the note of so many take-ups beside the first command that is open. */
  private static void takenUpBefore(int times) {
    try (OffsetTransactions earlier =
            new OffsetTransactions(TestPlatform.kafka(), "lazaret-detection-");
        var consumer =
            new org.apache.kafka.clients.consumer.KafkaConsumer<>(
                TestPlatform.kafka().client(Map.of(), Map.of("group.id", "lazaret-detection")),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
      var record = TestPlatform.readAll(COMMANDS).get(0);
      assertThat(earlier.claim(new TopicPartition(record.topic(), record.partition()))).isTrue();
      assertThat(earlier.noteTakeUps(consumer, record, times))
          .isEqualTo(OffsetTransactions.Outcome.COMMITTED);
      assertThat(earlier.takeUps(consumer, record)).isEqualTo(times);
    }
  }

  private static void write(Path file, String line) {
    try {
      Files.writeString(file, line, StandardCharsets.UTF_8);
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file, StandardCharsets.UTF_8);
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private Path folder(String name) {
    try {
      return Files.createTempDirectory(directory, name);
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  void aJobThatKeepsKillingItsWorkersIsGivenUp() {
    command("deadly");
    takenUpBefore(3);
    start(Duration.ZERO, this::held);
    StageFailed failed = (StageFailed) onlyResult();
    assertThat(failed.getProblem().getCode()).isEqualTo("WORKER_CRASHED");
    assertThat(failed.getProblem().getSentence()).contains("3 times");
    assertThat(failed.getProblem().getRetryable()).isTrue();
    assertThat(started).isEmpty();
  }

  @Test
  void theLastAllowedTakeUpMayStillSucceedAndTheNextCommandStartsFromZero() {
    command("shaky");
    takenUpBefore(2);
    start(Duration.ZERO, InterruptedJobsTest::done);
    assertThat(onlyResult()).isInstanceOf(DetectionCompleted.class);
    command("next");
    assertThat(TestPlatform.read(Topics.INBOX, 2)).hasOnlyElementsOfType(DetectionCompleted.class);
  }

  @Test
  void aWorkerThatIsKilledCountsAndOneThatClosesDoesNot() throws Exception {
    command("s");
    for (int i = 0; i < 2; i++) {
      StageWorker<DetectBackdoor> closed = start(Duration.ZERO, this::held);
      assertThat(awaitStart()).isEqualTo("s");
      closed.close();
    }
    for (int i = 0; i < 3; i++) {
      try (WorkerProcess killed =
          WorkerProcess.start(TestPlatform.kafka(), TestPlatform.registryUrl(), "k" + i)) {
        assertThat(killed.awaitJob()).isEqualTo("s");
        killed.kill();
      }
    }
    start(Duration.ZERO, this::held);
    assertThat(((StageFailed) onlyResult()).getProblem().getCode()).isEqualTo("WORKER_CRASHED");
  }

  @Test
  void aClosingWorkerLetsItsJobFinishAndTakesUpNothingMore() throws Exception {
    command("running");
    StageWorker<DetectBackdoor> worker =
        start(
            Duration.ofSeconds(30),
            (command, context) -> {
              started.add(command.getEnvelope().getScreeningId());
              await().atMost(PATIENCE).until(context::draining);
              return done(command, context);
            });
    awaitStart();
    command("waiting");
    worker.close();
    assertThat(worker.state()).isEqualTo(WorkerState.CLOSED);
    assertThat(((DetectionCompleted) onlyResult()).getEnvelope().getScreeningId())
        .isEqualTo("running");
    assertThat(started).isEmpty();
  }

  @Test
  void aClosingWorkerWaitsForItsJobNoLongerThanItsLimits() throws Exception {
    command("s");
    StageWorker<DetectBackdoor> worker =
        start(
            Duration.ofMillis(500),
            (command, context) -> {
              started.add("s");
              while (release.getCount() > 0) {
                // Deaf to interrupts, like a long call into native code.
                Thread.onSpinWait();
              }
              return null;
            });
    awaitStart();
    long before = System.nanoTime();
    worker.close();
    assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(20));
    assertThat(worker.state()).isEqualTo(WorkerState.CLOSED);
  }

  @Test
  void aJobGoesOnFromWhatItSavedAndNothingStaysBehind() throws Exception {
    command("s");
    StageJob<DetectBackdoor> job =
        (command, context) -> {
          Path into = folder("resumed");
          boolean resumed = context.resume("half", into);
          if (!resumed) {
            Path from = folder("saved");
            write(from.resolve("line"), "41");
            context.checkpoint("half", from);
            return held(command, context);
          }
          return Examples.detected(
              context.envelope("DetectionCompleted"), command.getJob(), read(into.resolve("line")));
        };
    StageWorker<DetectBackdoor> first = start(Duration.ZERO, job);
    awaitStart();
    first.close();
    assertThat(saved).hasSize(1);
    start(Duration.ZERO, job);
    assertThat(((DetectionCompleted) onlyResult()).getReport().getExplanation()).isEqualTo("41");
    await().atMost(PATIENCE).until(saved::isEmpty);
  }

  @Test
  void aStoreThatDoesNotAnswerIsNoReasonToStopAJob() {
    command("s");
    JobStates broken =
        new JobStates() {
          private ProblemException down() {
            return new ProblemException(Problem.passing("STORE_UNAVAILABLE", "down", "wait"));
          }

          @Override
          public boolean latest(String jobId, String part, Path into) {
            return false;
          }

          @Override
          public void save(String jobId, String part, Path from) {
            throw down();
          }

          @Override
          public void forget(String jobId) {
            throw down();
          }
        };
    start(
        Duration.ZERO,
        (command, context) -> {
          context.checkpoint("half", directory);
          return done(command, context);
        },
        broken,
        Clock.systemUTC());
    assertThat(onlyResult()).isInstanceOf(DetectionCompleted.class);
  }

  @Test
  void aClockThatIsSetBackOrForwardByADayDelaysNothing() throws Exception {
    MutableClock clock = new MutableClock(Examples.NOON);
    command("s");
    DetectBackdoor retry = Examples.detect("retry", "m", Examples.NOON.plusMillis(300));
    TestPlatform.send(COMMANDS, "m", retry, Examples.NOON);
    start(Duration.ZERO, this::held, states, clock);
    awaitStart();
    clock.advance(Duration.ofDays(-1));
    int before = TestPlatform.readAll(Topics.PROGRESS).size();
    // Heartbeats go on, and the retry waits for what its writer meant, not for a day.
    assertThat(TestPlatform.read(Topics.PROGRESS, before + 3)).hasSizeGreaterThan(before + 2);
    release.countDown();
    assertThat(TestPlatform.read(Topics.INBOX, 2)).hasSize(2);
    clock.advance(Duration.ofDays(2));
    command("after");
    assertThat(TestPlatform.read(Topics.INBOX, 3)).hasSize(3);
  }
}
