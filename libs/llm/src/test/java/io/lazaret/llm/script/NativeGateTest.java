package io.lazaret.llm.script;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.Lock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class NativeGateTest {

  private final NativeGate gate = new NativeGate();

  @Test
  void closingWaitsForRunningCallsAndLetsNoneBegin() throws Exception {
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch leave = new CountDownLatch(1);
    CompletableFuture<Void> call = CompletableFuture.runAsync(() -> callUntil(inside, leave));
    inside.await();
    assertThat(gate.close(Duration.ZERO)).isFalse();
    assertThatThrownBy(gate::enter).isInstanceOf(CancellationException.class);
    leave.countDown();
    call.join();
    assertThat(gate.close(Duration.ofSeconds(30))).isTrue();
    assertThatThrownBy(gate::enter).isInstanceOf(CancellationException.class);
  }

  @Test
  void manyCallsRunAtTheSameTime() throws Exception {
    CountDownLatch inside = new CountDownLatch(2);
    CountDownLatch leave = new CountDownLatch(1);
    CompletableFuture<Void> first = CompletableFuture.runAsync(() -> callUntil(inside, leave));
    Lock second = gate.enter();
    inside.countDown();
    inside.await();
    leave.countDown();
    second.unlock();
    first.join();
    assertThat(gate.close(Duration.ofSeconds(30))).isTrue();
  }

  private void callUntil(CountDownLatch inside, CountDownLatch leave) {
    Lock entry = gate.enter();
    try {
      inside.countDown();
      leave.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    } finally {
      entry.unlock();
    }
  }
}
