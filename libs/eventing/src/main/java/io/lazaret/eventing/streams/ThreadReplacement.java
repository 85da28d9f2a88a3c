package io.lazaret.eventing.streams;

import io.lazaret.eventing.KafkaProblems;
import io.lazaret.problem.Problem;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A thread that dies is replaced. When too many die within the window the application is given up,
 * so that its health fails and whoever supervises the process acts. Threads that die because Kafka
 * or the registry do not answer are not counted.
 */
final class ThreadReplacement implements StreamsUncaughtExceptionHandler {

  private static final Logger LOG = LoggerFactory.getLogger(ThreadReplacement.class);

  private final String app;
  private final StreamsSettings settings;
  private final Clock clock;
  private final Deque<Instant> deaths = new ArrayDeque<>();
  private volatile Problem givenUp;

  ThreadReplacement(String app, StreamsSettings settings, Clock clock) {
    this.app = app;
    this.settings = settings;
    this.clock = clock;
  }

  @Override
  public synchronized StreamThreadExceptionResponse handle(Throwable error) {
    LOG.error("a thread of streams application {} died", app, error);
    if (KafkaProblems.passing(error)) {
      return StreamThreadExceptionResponse.REPLACE_THREAD;
    }
    Instant now = clock.instant();
    deaths.addLast(now);
    while (deaths.getFirst().isBefore(now.minus(settings.replacementWindow()))) {
      deaths.removeFirst();
    }
    if (deaths.size() <= settings.replacements()) {
      return StreamThreadExceptionResponse.REPLACE_THREAD;
    }
    givenUp =
        Problem.of(
            "STREAMS_FAILED",
            "The streams application "
                + app
                + " died "
                + deaths.size()
                + " times within "
                + settings.replacementWindow()
                + ", last of: "
                + error,
            "Look at the log for the cause, repair it, and start the service again.");
    return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
  }

  Optional<Problem> givenUp() {
    return Optional.ofNullable(givenUp);
  }
}
