package io.lazaret.chaos;

import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** Says when this process has come to its crash point, and holds the thread until it is killed. */
final class CrashSwitch {

  static final String SAYING = "AT ";

  /** An upload of this size takes a few milliseconds. */
  private static final long LONGEST_DELAY_NANOS = 6_000_000;

  private static volatile CrashPoint point;
  private static final AtomicInteger LEFT = new AtomicInteger();

  private CrashSwitch() {}

  /**
   * @param skip so many times the point is passed unharmed
   */
  static void arm(CrashPoint armed, int skip) {
    LEFT.set(skip);
    point = armed;
  }

  static void at(CrashPoint here) {
    if (here == point && LEFT.getAndDecrement() == 0) {
      say(here);
      hold();
    }
  }

  /** The caller goes on; the process is killed a moment later, wherever it is then. */
  static void soonAfter(CrashPoint here, long seed) {
    if (here == point && LEFT.getAndDecrement() == 0) {
      long delay = new SplittableRandom(seed).nextLong(LONGEST_DELAY_NANOS);
      new Thread(
              () -> {
                LockSupport.parkNanos(delay);
                say(here);
                hold();
              })
          .start();
    }
  }

  private static void say(CrashPoint here) {
    System.out.println(SAYING + here);
    System.out.flush();
  }

  private static void hold() {
    while (true) {
      try {
        new CountDownLatch(1).await();
      } catch (InterruptedException stillHeld) {
        // only SIGKILL ends this
      }
    }
  }
}
