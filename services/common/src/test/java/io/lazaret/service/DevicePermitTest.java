package io.lazaret.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lazaret.eventing.worker.JobContext;
import io.lazaret.eventing.worker.StageJob;
import io.lazaret.schemas.DetectBackdoor;
import io.lazaret.schemas.Envelope;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class DevicePermitTest {

  private final List<String> said = new CopyOnWriteArrayList<>();
  private final JobContext context =
      new JobContext() {
        @Override
        public void progress(double fraction, String message) {
          said.add(message);
        }

        @Override
        public boolean cancelled() {
          return false;
        }

        @Override
        public Envelope envelope(String type) {
          throw new UnsupportedOperationException();
        }
      };

  @Test
  void oneJobComputesAtATimeAndTheOthersSayThatTheyWait() throws Exception {
    DevicePermit permit = new DevicePermit(1);
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch leave = new CountDownLatch(1);
    AtomicInteger together = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    StageJob<DetectBackdoor> job =
        permit.around(
            (command, c) -> {
              most.accumulateAndGet(together.incrementAndGet(), Math::max);
              inside.countDown();
              leave.await();
              together.decrementAndGet();
              return null;
            });
    Thread first = run(job);
    assertThat(inside.await(10, TimeUnit.SECONDS)).isTrue();
    Thread second = run(job);
    while (second.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }
    assertThat(said).containsExactly("waiting for the device");
    leave.countDown();
    first.join();
    second.join();
    assertThat(most).hasValue(1);
  }

  @Test
  void aFailedJobGivesTheDeviceBack() throws Exception {
    DevicePermit permit = new DevicePermit(1);
    StageJob<DetectBackdoor> failing =
        permit.around(
            (command, c) -> {
              throw new IllegalStateException("failed");
            });
    assertThatThrownBy(() -> failing.run(null, context)).hasMessage("failed");
    assertThatThrownBy(() -> failing.run(null, context)).hasMessage("failed");
    assertThat(said).isEmpty();
  }

  private Thread run(StageJob<DetectBackdoor> job) {
    Thread thread =
        new Thread(
            () -> {
              try {
                job.run(null, context);
              } catch (Exception e) {
                throw new IllegalStateException(e);
              }
            });
    thread.start();
    return thread;
  }
}
