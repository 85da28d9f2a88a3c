package io.lazaret.console.stream;

import io.lazaret.console.record.Place;
import io.lazaret.console.record.StoredRecord;
import io.lazaret.console.view.Change;
import io.lazaret.console.view.Projection;
import io.lazaret.eventing.Envelopes;
import io.lazaret.eventing.Topics;
import io.lazaret.problem.Problem;
import io.lazaret.problem.ProblemException;
import jakarta.annotation.PostConstruct;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Everybody who listens. A message is rendered once, and not at all while nobody listens. */
@ApplicationScoped
public class StreamHub {

  /** Events that are read at a time for somebody who goes on where a stream broke off. */
  private static final int CATCH_UP = 256;

  @Inject Projection projection;

  /** Streams that may be open at once. */
  @ConfigProperty(name = "lazaret.console.streams", defaultValue = "256")
  int most;

  /** Messages that wait for one reader; a reader that is slower loses its stream. */
  @ConfigProperty(name = "lazaret.console.stream-buffer", defaultValue = "1024")
  int buffer;

  /** Time between two comments that keep an idle stream open. */
  @ConfigProperty(name = "lazaret.console.stream-heartbeat-seconds", defaultValue = "10")
  double heartbeatSeconds;

  private final Set<Subscription> readers = ConcurrentHashMap.newKeySet();
  private ScheduledExecutorService timer;

  @PostConstruct
  void start() {
    projection.listen(this::heard);
    timer =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, "console-streams");
              thread.setDaemon(true);
              return thread;
            });
    long period = Duration.ofMillis(Math.round(heartbeatSeconds * 1_000)).toMillis();
    timer.scheduleAtFixedRate(
        () -> readers.forEach(Subscription::beat), period, period, TimeUnit.MILLISECONDS);
  }

  @PreDestroy
  void stop() {
    timer.shutdownNow();
    readers.forEach(Subscription::cancel);
  }

  private void heard(Change change) {
    if (readers.isEmpty()) {
      return;
    }
    Message message = Messages.of(change);
    readers.forEach(reader -> reader.offer(message));
  }

  /**
   * A place for one more reader.
   *
   * @param after id of the last message that the reader has; null for what happens from now on
   * @throws ProblemException TOO_MANY_STREAMS, STREAM_POSITION_INVALID
   */
  Subscription join(Filter filter, String after) {
    if (readers.size() >= most) {
      throw new ProblemException(
          Problem.passing(
              "TOO_MANY_STREAMS",
              "There are " + most + " open streams already.",
              "Close one, or raise lazaret.console.streams."));
    }
    String now = projection.reached();
    Reached from =
        after == null || after.isEmpty()
            ? null
            : Reached.of(after, now.isEmpty() ? 0 : now.split("\\.", -1).length);
    return new Subscription(this, filter, from, buffer);
  }

  /** Lets a reader hear what happens from now on. */
  void add(Subscription reader) {
    readers.add(reader);
  }

  void remove(Subscription reader) {
    readers.remove(reader);
  }

  /** Readers at present. */
  public int size() {
    return readers.size();
  }

  /** The next events of the record after a position, which moves on; none at the end. */
  List<Message> next(Reached position) {
    List<Message> found = new ArrayList<>();
    for (int partition = 0; partition < position.partitions(); partition++) {
      List<StoredRecord> log =
          projection.store().log(Topics.EVENTS, partition, position.next(partition), CATCH_UP);
      for (StoredRecord stored : log) {
        Place place = stored.place();
        position.take(partition, place.offset());
        var record = projection.decode(stored).record();
        if (record != null) {
          String history = Envelopes.of(record).getScreeningId();
          found.add(Messages.of(new Change(history, record, place, position.toString())));
        }
      }
      if (!found.isEmpty()) {
        return found;
      }
    }
    return found;
  }
}
