package io.lazaret.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.lazaret.eventing.worker.JobContext;
import io.lazaret.schemas.Envelope;
import io.lazaret.schemas.UtilityMeasurement;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JobCheckpointsTest {

  private static final UtilityMeasurement FIGURE = new UtilityMeasurement("kl", 0.0, 0.125, 512);

  @TempDir Path directory;

  private final Map<String, Map<String, byte[]>> store = new HashMap<>();
  private boolean draining;

  /** A context that keeps states in memory. */
  private final JobContext context =
      new JobContext() {
        @Override
        public void progress(double fraction, String message) {}

        @Override
        public boolean cancelled() {
          return false;
        }

        @Override
        public boolean draining() {
          return draining;
        }

        @Override
        public boolean resume(String part, Path into) {
          store
              .getOrDefault(part, Map.of())
              .forEach((name, content) -> write(into.resolve(name), content));
          return store.containsKey(part);
        }

        @Override
        public void checkpoint(String part, Path from) {
          Map<String, byte[]> files = new HashMap<>();
          for (java.io.File file : from.toFile().listFiles()) {
            files.put(file.getName(), read(file.toPath()));
          }
          store.put(part, files);
        }

        @Override
        public Envelope envelope(String type) {
          throw new UnsupportedOperationException();
        }
      };

  private static void write(Path file, byte[] content) {
    try {
      Files.write(file, content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] read(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private JobCheckpoints checkpoints(Duration interval) {
    return new JobCheckpoints(context, directory(), interval, 0.02);
  }

  private io.lazaret.service.JobDirectory directory() {
    return io.lazaret.service.JobDirectory.open(directory.resolve("state"));
  }

  private UtilityMeasurement measure(JobCheckpoints checkpoints, AtomicInteger times) {
    return checkpoints.once(
        "kl",
        UtilityMeasurement.getClassSchema(),
        () -> {
          times.incrementAndGet();
          return FIGURE;
        });
  }

  @Test
  void aFigureIsMeasuredOnceHoweverOftenTheJobIsInterruptedAfterwards() {
    AtomicInteger times = new AtomicInteger();
    for (int i = 0; i < 3; i++) {
      try (JobCheckpoints each = checkpoints(Duration.ZERO)) {
        assertThat(measure(each, times)).isEqualTo(FIGURE);
      }
    }
    assertThat(times).hasValue(1);
    assertThat(directory.resolve("state")).doesNotExist();
  }

  @Test
  void aSavedFigureThatCannotBeReadIsMeasuredAgain() {
    AtomicInteger times = new AtomicInteger();
    store.put("kl", Map.of("result", new byte[] {1, 2, 3}));
    try (JobCheckpoints each = checkpoints(Duration.ZERO)) {
      assertThat(measure(each, times)).isEqualTo(FIGURE);
    }
    assertThat(times).hasValue(1);
  }

  @Test
  void aStateIsDueWhenTheLastOneIsOldOrTheWorkerIsAboutToClose() {
    try (JobCheckpoints often = checkpoints(Duration.ZERO)) {
      assertThat(often.due()).isTrue();
    }
    try (JobCheckpoints seldom = checkpoints(Duration.ofHours(1))) {
      assertThat(seldom.due()).isFalse();
      draining = true;
      assertThat(seldom.due()).isTrue();
    }
  }

  @Test
  void whatTakesLongToSaveIsSavedSeldom() {
    long[] now = {0};
    try (JobCheckpoints checkpoints =
        new JobCheckpoints(context, directory(), Duration.ofNanos(100), 0.02, () -> now[0])) {
      now[0] = 100;
      assertThat(checkpoints.due()).isTrue();
      checkpoints.save("weights", folder -> now[0] += 10);
      now[0] += 499;
      assertThat(checkpoints.due()).isFalse();
      now[0] += 1;
      assertThat(checkpoints.due()).isTrue();
    }
  }

  @Test
  void aWorkerThatIsAboutToCloseSavesOnce() {
    draining = true;
    try (JobCheckpoints seldom = checkpoints(Duration.ofHours(1))) {
      seldom.save("weights", folder -> {});
      assertThat(seldom.due()).isFalse();
    }
  }

  @Test
  void partsOfOnePieceDoNotMeetThoseOfAnother() {
    try (JobCheckpoints whole = checkpoints(Duration.ZERO)) {
      whole.under("cycle-1").save("parrot", folder -> write(folder.resolve("f"), new byte[] {1}));
      assertThat(whole.under("cycle-2").latest("parrot")).isEmpty();
      assertThat(whole.latest("cycle-1-parrot").orElseThrow().resolve("f"))
          .hasBinaryContent(new byte[] {1});
    }
  }
}
