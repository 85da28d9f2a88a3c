package io.lazaret.notification;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings notices to one receiver, in order: tries again with growing pauses while it fails, and
 * buries a notice that is refused or has been tried for too long. It has a thread of its own, so a
 * receiver that fails is waited for by nobody else.
 */
final class Courier {

  private static final Logger LOG = LoggerFactory.getLogger(Courier.class);

  /**
   * How often it is tried.
   *
   * @param first pause after the first failure; each following one is twice as long
   * @param longest pause
   * @param giveUp a notice that has failed for so long is dead
   */
  record Patience(Duration first, Duration longest, Duration giveUp) {}

  /** What is going on, for people. */
  record Status(
      String name,
      String format,
      String host,
      long delivered,
      Instant lastDelivered,
      Instant failingSince,
      String lastError,
      List<ReceiverState.Dead> dead) {}

  private final Receiver receiver;
  private final Delivery delivery;
  private final ReceiverState state;
  private final Patience patience;
  private final Clock clock;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Queue<Notice> again = new ConcurrentLinkedQueue<>();
  private volatile long delivered;
  private volatile Instant lastDelivered;
  private volatile Instant failingSince;
  private volatile String lastError;

  Courier(
      Receiver receiver, Delivery delivery, ReceiverState state, Patience patience, Clock clock) {
    this.receiver = receiver;
    this.delivery = delivery;
    this.state = state;
    this.patience = patience;
    this.clock = clock;
  }

  Receiver receiver() {
    return receiver;
  }

  /**
   * Delivers or buries a notice; returns false when it was closed before either.
   *
   * @param notice what its receiver does not want is passed over
   */
  boolean bring(Notice notice) {
    if (!receiver.kinds().contains(notice.kind())) {
      return true;
    }
    Instant begun = clock.instant();
    Duration pause = patience.first();
    while (closing.getCount() > 0) {
      Sender.Result result = delivery.deliver(notice);
      Instant now = clock.instant();
      if (result.fate() == Sender.Result.Fate.ARRIVED) {
        arrived(now);
        return true;
      }
      failed(result, now);
      boolean late = Duration.between(begun, now).compareTo(patience.giveUp()) >= 0;
      if (result.fate() == Sender.Result.Fate.REFUSED || late) {
        LOG.error("{} is dead for {}: {}", notice.eventId(), receiver, result.sentence());
        state.bury(notice, result.sentence(), now);
        return true;
      }
      LOG.warn("{} waits for {}: {}", notice.eventId(), receiver, result.sentence());
      await(pause);
      Duration twice = pause.multipliedBy(2);
      pause = twice.compareTo(patience.longest()) > 0 ? patience.longest() : twice;
    }
    return false;
  }

  private void arrived(Instant now) {
    delivered++;
    lastDelivered = now;
    failingSince = null;
    lastError = null;
  }

  private void failed(Sender.Result result, Instant now) {
    failingSince = failingSince == null ? now : failingSince;
    lastError = result.sentence();
  }

  /** Asks for another try of all dead notices; returns how many. */
  int retry() {
    List<Notice> notices = state.exhume();
    again.addAll(notices);
    return notices.size();
  }

  /** Does what was asked for meanwhile; on the thread that brings notices. */
  void bringAgain() {
    for (Notice next = again.poll(); next != null; next = again.poll()) {
      if (!bring(next)) {
        // What is lost by a restart in the middle of it must stay dead, and visible.
        state.bury(next, "closed before it was tried again", clock.instant());
      }
    }
  }

  Status status() {
    return new Status(
        receiver.name(),
        receiver.format().name(),
        receiver.url().getHost(),
        delivered,
        lastDelivered,
        failingSince,
        lastError,
        state.dead());
  }

  long delivered() {
    return delivered;
  }

  boolean failing() {
    return failingSince != null;
  }

  int dead() {
    return state.dead().size();
  }

  boolean isOpen() {
    return closing.getCount() > 0;
  }

  /** Waits; shorter when it is closed meanwhile. */
  void await(Duration pause) {
    try {
      closing.await(pause.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      closing.countDown();
    }
  }

  void close() {
    closing.countDown();
  }
}
