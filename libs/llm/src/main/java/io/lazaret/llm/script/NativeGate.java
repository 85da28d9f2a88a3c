package io.lazaret.llm.script;

import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * Lets native calls finish before the process ends, and none begin after that.
 *
 * <p>While the process exits, the native library takes its own global state apart; a call that is
 * still running then can crash the process instead of letting it end.
 */
final class NativeGate {

  /** How long the end of the process waits for running calls. */
  private static final Duration EXIT_WAIT = Duration.ofSeconds(20);

  private static final NativeGate PROCESS = new NativeGate();

  static {
    try {
      Runtime.getRuntime()
          .addShutdownHook(new Thread(() -> PROCESS.close(EXIT_WAIT), "lazaret-native-gate"));
    } catch (IllegalStateException e) {
      // The process is ending already.
      PROCESS.closing = true;
    }
  }

  private final ReadWriteLock lock = new ReentrantReadWriteLock();
  private volatile boolean closing;

  /** The gate that closes when the process ends. */
  static NativeGate ofProcess() {
    return PROCESS;
  }

  /**
   * Enters; the caller unlocks the result when its call has returned.
   *
   * @throws CancellationException when the gate is closed or closing
   */
  Lock enter() {
    Lock entry = lock.readLock();
    if (closing || !entry.tryLock()) {
      throw new CancellationException("the process is ending");
    }
    return entry;
  }

  /**
   * Lets nobody in any more and waits until everybody is out.
   *
   * @return whether they were all out in time
   */
  boolean close(Duration wait) {
    closing = true;
    try {
      // Never unlocked again.
      return lock.writeLock().tryLock(wait.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
