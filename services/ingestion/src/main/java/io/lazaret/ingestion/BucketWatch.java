package io.lazaret.ingestion;

import io.lazaret.checkpoints.BucketChanges;
import io.lazaret.problem.ProblemException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets a {@link BucketWatcher} look again and again, on a thread of its own, and at once when the
 * server says that something was written.
 */
final class BucketWatch implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(BucketWatch.class);
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);

  /**
   * @param interval between two looks
   * @param retry after which a server that stopped telling is listened to again
   */
  record Pace(Duration interval, Duration retry) {}

  private final BucketWatcher watcher;
  private final Supplier<BucketChanges> changes;
  private final Pace pace;
  private final Semaphore told = new Semaphore(0);
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Thread looking = daemon("bucket-watch", this::look);
  private final Thread listening = daemon("bucket-listen", this::listen);

  /**
   * @param changes what the server says, anew for each call, until its store is closed; null to
   *     look only
   */
  BucketWatch(BucketWatcher watcher, Supplier<BucketChanges> changes, Pace pace) {
    this.watcher = watcher;
    this.changes = changes;
    this.pace = pace;
  }

  private static Thread daemon(String name, Runnable work) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    return thread;
  }

  void start() {
    looking.start();
    if (changes != null) {
      listening.start();
    }
  }

  private void look() {
    try {
      long next = System.nanoTime();
      while (closing.getCount() > 0) {
        long left = next - System.nanoTime();
        if (left <= 0) {
          watcher.poll();
          next = System.nanoTime() + pace.interval().toNanos();
        } else if (told.tryAcquire(left, TimeUnit.NANOSECONDS) && closing.getCount() > 0) {
          told.drainPermits();
          watcher.told();
        }
      }
    } catch (InterruptedException closed) {
      Thread.currentThread().interrupt();
    }
  }

  private void listen() {
    try {
      do {
        listenOnce();
      } while (!closing.await(pace.retry().toMillis(), TimeUnit.MILLISECONDS));
    } catch (InterruptedException closed) {
      Thread.currentThread().interrupt();
    } catch (ProblemException sendsNone) {
      LOG.info("{}", sendsNone.getMessage());
    }
  }

  /** Until the server ends it; only a server that will never tell is a reason to give up. */
  private void listenOnce() {
    try (BucketChanges words = changes.get()) {
      // What was written while nobody listened is found by this look.
      told.release();
      while (closing.getCount() > 0 && words.await()) {
        told.release();
      }
    } catch (ProblemException e) {
      if (!e.problem().retryable()) {
        throw e;
      }
      if (closing.getCount() > 0) {
        LOG.warn("the bucket is not listened to: {}", e.getMessage());
      }
    }
  }

  @Override
  public void close() {
    closing.countDown();
    told.release();
    try {
      // A model that is being fetched is fetched again after the next start.
      looking.join(CLOSE_TIMEOUT.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
