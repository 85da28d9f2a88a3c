package io.lazaret.console.stream;

import io.smallrye.mutiny.infrastructure.Infrastructure;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Flow;

/**
 * One reader: first the record from where it broke off, read as fast as the reader takes it; then
 * what happens. What waits for the reader is bounded: beyond that the stream ends, and the reader
 * may go on from its last message.
 */
final class Subscription implements Flow.Subscription {

  /** A comment, which no reader sees as a message. */
  static final Message ALIVE =
      new Message("", null, -1, -1, new Message.Subject("", "", "", ""), null);

  private final StreamHub hub;
  private final Filter filter;
  private final Reached position;
  private final int bound;
  private final Deque<Message> recorded = new ArrayDeque<>();
  private final Deque<Message> live = new ArrayDeque<>();
  private Flow.Subscriber<? super Message> reader;
  private long demand;
  private boolean beat;
  private boolean catchingUp;
  private boolean reading;
  private boolean overrun;
  private boolean draining;
  private boolean ended;

  /**
   * @param position where the reader broke off; null for what happens from now on
   * @param bound messages that may wait
   */
  Subscription(StreamHub hub, Filter filter, Reached position, int bound) {
    this.hub = hub;
    this.filter = filter;
    this.position = position;
    this.bound = bound;
    this.catchingUp = position != null;
  }

  /** Begins to serve a reader. */
  void begin(Flow.Subscriber<? super Message> subscriber) {
    reader = subscriber;
    hub.add(this);
    subscriber.onSubscribe(this);
    // Headers go out with the first bytes: a reader must not wait for news to know it is connected.
    beat();
  }

  /** Something happened. */
  void offer(Message message) {
    synchronized (this) {
      if (ended || !filter.lets(message.topics())) {
        return;
      }
      if (live.size() < bound) {
        live.add(message);
      } else if (catchingUp) {
        // It is in the record, which is read on until its end.
        overrun = true;
        return;
      } else {
        ended = true;
      }
    }
    drain();
    endIfOver();
  }

  private void endIfOver() {
    boolean over;
    synchronized (this) {
      over = ended && !live.isEmpty();
      if (over) {
        live.clear();
        recorded.clear();
      }
    }
    if (over) {
      hub.remove(this);
      reader.onComplete();
    }
  }

  /** Says that the stream lives. */
  void beat() {
    synchronized (this) {
      beat = true;
    }
    drain();
  }

  @Override
  public void request(long more) {
    synchronized (this) {
      demand = demand + more < 0 ? Long.MAX_VALUE : demand + more;
    }
    drain();
  }

  @Override
  public synchronized void cancel() {
    ended = true;
    hub.remove(this);
    live.clear();
    recorded.clear();
  }

  private void drain() {
    for (Message next = take(); next != null; next = take()) {
      reader.onNext(next);
      synchronized (this) {
        draining = false;
      }
    }
  }

  /** What the reader gets next; null when nothing is there, or somebody else is handing out. */
  private synchronized Message take() {
    if (draining || ended || demand == 0) {
      return null;
    }
    Message next = next();
    if (next != null) {
      demand--;
      draining = true;
    }
    return next;
  }

  private Message next() {
    if (beat) {
      beat = false;
      return ALIVE;
    }
    if (!recorded.isEmpty()) {
      return recorded.poll();
    }
    if (catchingUp) {
      if (!reading) {
        reading = true;
        Infrastructure.getDefaultWorkerPool().execute(this::readOn);
      }
      return null;
    }
    Message next = live.poll();
    while (next != null && isKnown(next)) {
      next = live.poll();
    }
    return next;
  }

  /** Whether the reader got an event from the record already. */
  private boolean isKnown(Message message) {
    return position != null
        && message.partition() >= 0
        && !position.take(message.partition(), message.offset());
  }

  private void readOn() {
    try {
      List<Message> more = hub.next(position);
      synchronized (this) {
        reading = false;
        if (!more.isEmpty()) {
          more.stream().filter(each -> filter.lets(each.topics())).forEach(recorded::add);
        } else if (overrun) {
          // More has happened meanwhile than could wait; what waits is in the record too.
          overrun = false;
          live.clear();
        } else {
          catchingUp = false;
        }
      }
      drain();
    } catch (RuntimeException broken) {
      cancel();
      reader.onError(broken);
    }
  }
}
