package io.lazaret.eventing.worker;

import static io.lazaret.eventing.TestPlatform.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lazaret.eventing.DeadLetters;
import io.lazaret.eventing.Envelopes;
import io.lazaret.eventing.Examples;
import io.lazaret.eventing.MutableClock;
import io.lazaret.eventing.TestPlatform;
import io.lazaret.eventing.Topics;
import io.lazaret.problem.ProblemException;
import io.lazaret.schemas.DetectBackdoor;
import io.lazaret.schemas.DetectionCompleted;
import io.lazaret.schemas.Ids;
import io.lazaret.schemas.Stage;
import io.lazaret.schemas.StageFailed;
import io.lazaret.schemas.StageProgress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

/** What becomes of a command, of a result, and of what cannot be read. */
class StageWorkerTest extends WorkerTests {

  private static final String DEAD = Topics.deadLetters(COMMANDS);

  @Test
  void turnsACommandIntoOneResultAndCommitsItsOffsetWithIt() throws Exception {
    long before = committed();
    DetectBackdoor command = Examples.detect("s", "m");
    command(command);
    StageWorker<DetectBackdoor> worker = start(DONE);
    DetectionCompleted result = (DetectionCompleted) onlyResult();
    assertThat(result.getReport().getExplanation()).isEqualTo("done");
    assertThat(result.getJob()).isEqualTo(command.getJob());
    assertThat(result.getEnvelope().getEventId())
        .isEqualTo(Ids.jobEvent(command.getJob().getJobId(), "DetectionCompleted"));
    assertThat(result.getEnvelope().getCausationId()).isEqualTo(command.getEnvelope().getEventId());
    assertThat(committed()).isEqualTo(before + 1);
    await().until(() -> worker.state() == WorkerState.IDLE);
    worker.close();
    assertThat(worker.state()).isEqualTo(WorkerState.CLOSED);
    assertThat(worker.problem()).isEmpty();
  }

  @Test
  void worksOffOneCommandAtATime() throws Exception {
    AtomicInteger running = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    start(
        (command, context) -> {
          most.accumulateAndGet(running.incrementAndGet(), Math::max);
          try {
            return DONE.run(command, context);
          } finally {
            running.decrementAndGet();
          }
        });
    for (int i = 0; i < 8; i++) {
      command("s" + i);
    }
    assertThat(TestPlatform.read(Topics.INBOX, 8)).hasSize(8);
    assertThat(most).hasValue(1);
  }

  @Test
  void reportsTheProblemOfAJobAsAFailedStage() {
    command("s");
    start(
        (command, context) -> {
          throw ProblemException.of("UNKNOWN_ARCHITECTURE", "What is a Foo?", "Ask for it.");
        });
    StageFailed failed = (StageFailed) onlyResult();
    assertThat(failed.getProblem().getCode()).isEqualTo("UNKNOWN_ARCHITECTURE");
    assertThat(failed.getProblem().getSentence()).isEqualTo("What is a Foo?");
    assertThat(failed.getProblem().getRetryable()).isFalse();
    assertThat(failed.getEnvelope().getType()).isEqualTo("StageFailed");
  }

  @Test
  void reportsEverythingElseThatAJobThrowsAsAnInternalErrorThatMayPass() {
    command("exception");
    command("error");
    command("memory");
    command("null");
    start(
        (command, context) ->
            switch (command.getEnvelope().getScreeningId()) {
              case "exception" -> throw new java.io.IOException("disk on fire");
              case "error" -> throw new NoClassDefFoundError("native");
              case "memory" -> throw new OutOfMemoryError("heap");
              default -> null;
            });
    List<SpecificRecord> results = TestPlatform.read(Topics.INBOX, 4);
    assertThat(results)
        .extracting(each -> ((StageFailed) each).getProblem().getCode())
        .containsExactlyInAnyOrder(
            "INTERNAL_ERROR", "INTERNAL_ERROR", "INTERNAL_ERROR", "OUT_OF_MEMORY");
    assertThat(results).allMatch(each -> ((StageFailed) each).getProblem().getRetryable());
    assertThat(results.toString()).contains("disk on fire").contains("native");
  }

  @Test
  void reportsAResultThatCannotBeWritten() {
    command("large");
    command("invalid");
    start(
        (command, context) -> {
          DetectionCompleted result = (DetectionCompleted) DONE.run(command, context);
          boolean large = command.getEnvelope().getScreeningId().equals("large");
          result.getReport().setExplanation(large ? "x".repeat(2 << 20) : null);
          return result;
        });
    assertThat(TestPlatform.read(Topics.INBOX, 2))
        .extracting(each -> ((StageFailed) each).getProblem().getCode())
        .containsExactlyInAnyOrder("RESULT_TOO_LARGE", "INVALID_RESULT");
  }

  @Test
  void buriesWhatItCannotReadWithTheReasonAndGoesOn() {
    byte[] garbage = "not a record".getBytes(StandardCharsets.UTF_8);
    TestPlatform.send(COMMANDS, "m", garbage);
    TestPlatform.send(COMMANDS, "m", new byte[] {0, 0x7f, 0, 0, 0, 1});
    TestPlatform.send(COMMANDS, "m", Examples.progress());
    TestPlatform.send(COMMANDS, "m", (byte[]) null);
    TestPlatform.send(COMMANDS, "m", Examples.detect("good", "m"));
    start(DONE);
    assertThat(Envelopes.of(onlyResult()).getScreeningId()).isEqualTo("good");
    List<ConsumerRecord<byte[], byte[]>> dead = TestPlatform.readAll(DEAD);
    assertThat(dead)
        .extracting(each -> header(each, DeadLetters.CODE))
        .containsExactly(
            "NOT_WIRE_FORMAT",
            "SCHEMA_UNKNOWN",
            "UNEXPECTED_RECORD_TYPE",
            "UNEXPECTED_RECORD_TYPE");
    assertThat(dead.get(0).value()).isEqualTo(garbage);
    assertThat(dead.get(0).key()).isEqualTo("m".getBytes(StandardCharsets.UTF_8));
    assertThat(header(dead.get(0), DeadLetters.TOPIC)).isEqualTo(COMMANDS);
    assertThat(header(dead.get(0), DeadLetters.READER)).isEqualTo("lazaret-detection");
    assertThat(header(dead.get(0), DeadLetters.REASON)).contains("first byte");
    assertThat(header(dead.get(2), DeadLetters.REASON)).contains("StageProgress");
    long first = Long.parseLong(header(dead.get(0), DeadLetters.OFFSET));
    assertThat(header(dead.get(1), DeadLetters.OFFSET)).isEqualTo(String.valueOf(first + 1));
  }

  private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
    return new String(record.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
  }

  @Test
  void publishesHeartbeatsWhileAJobRunsAndWhatTheJobSays() throws Exception {
    command("s");
    AtomicReference<JobContext> context = new AtomicReference<>();
    start(
        (command, given) -> {
          context.set(given);
          return held().run(command, given);
        });
    awaitStart();
    int before = TestPlatform.read(Topics.PROGRESS, 2).size();
    context.get().progress(0.5, "half way");
    List<StageProgress> heartbeats =
        TestPlatform.read(Topics.PROGRESS, before + 3).stream()
            .map(StageProgress.class::cast)
            .toList();
    release.countDown();
    assertThat(heartbeats).hasSizeGreaterThanOrEqualTo(before + 3);
    assertThat(heartbeats.get(0).getEtaSeconds()).isNull();
    StageProgress last = heartbeats.get(heartbeats.size() - 1);
    assertThat(last.getFraction()).isEqualTo(0.5);
    assertThat(last.getMessage()).isEqualTo("half way");
    assertThat(last.getEtaSeconds()).isNotNull().isGreaterThanOrEqualTo(0);
    assertThat(last.getScreeningId()).isEqualTo("s");
    assertThat(last.getStage()).isEqualTo(Stage.DETECTION);
  }

  @Test
  void clipsFractionsThatAreNone() {
    command("s");
    List<Double> said = List.of(-1.0, Double.NaN, 7.0);
    start(
        (command, context) -> {
          for (double fraction : said) {
            context.progress(fraction, "?");
          }
          return DONE.run(command, context);
        });
    onlyResult();
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                TestPlatform.read(Topics.PROGRESS, 1).stream()
                    .allMatch(
                        each ->
                            ((StageProgress) each).getFraction() >= 0
                                && ((StageProgress) each).getFraction() <= 1));
  }

  @Test
  void startsACommandNotBeforeItsTimeAndOthersMeanwhile() throws Exception {
    MutableClock clock = new MutableClock(Examples.NOON);
    DetectBackdoor later = Examples.detect("later", "model-1", Examples.NOON.plusSeconds(60));
    TestPlatform.send(COMMANDS, "model-1", later, Examples.NOON);
    start(settings("a"), held(), clock);
    for (int i = 0; i < 8; i++) {
      command(Examples.detect("now" + i, "model-" + i));
    }
    release.countDown();
    // Models fall on both partitions; only those behind the waiting command wait with it.
    assertThat(awaitStart()).startsWith("now");
    assertThat(started).doesNotContain("later");
    clock.advance(Duration.ofSeconds(59));
    await().during(Duration.ofMillis(300)).until(() -> !started.contains("later"));
    clock.advance(Duration.ofSeconds(2));
    assertThat(TestPlatform.read(Topics.INBOX, 9)).hasSize(9);
  }

  @Test
  void cancelsTheJobWhenItCloses() throws Exception {
    command("s");
    AtomicReference<JobContext> context = new AtomicReference<>();
    AtomicReference<Exception> thrown = new AtomicReference<>();
    StageWorker<DetectBackdoor> first =
        start(
            (command, given) -> {
              context.set(given);
              try {
                return held().run(command, given);
              } catch (InterruptedException e) {
                thrown.set(e);
                given.progress(0.5, "still here?");
                return null;
              }
            });
    awaitStart();
    first.close();
    assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
    assertThat(context.get().cancelled()).isTrue();
    org.assertj.core.api.Assertions.assertThatThrownBy(() -> context.get().progress(1, ""))
        .isInstanceOf(CancellationException.class);
    assertThat(TestPlatform.readAll(Topics.INBOX)).isEmpty();
    start(DONE);
    assertThat(onlyResult()).isInstanceOf(DetectionCompleted.class);
  }
}
