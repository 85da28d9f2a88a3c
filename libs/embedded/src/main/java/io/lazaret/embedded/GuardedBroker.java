package io.lazaret.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.utils.Exit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A broker that cannot end the process while it starts or stops. Kafka gives up by halting the JVM,
 * through one hook for all brokers in it; all threads of a broker live in a group of their own, so
 * that the hook knows whose end it is. Only when a running broker gives up there is nothing to go
 * on with: then the end is reported before it comes.
 */
final class GuardedBroker {

  private static final Logger LOG = LoggerFactory.getLogger(GuardedBroker.class);

  /** Kafka notices its own time-out a little before this one does. */
  private static final Duration MARGIN = Duration.ofSeconds(5);

  /** A broker stops within a second, on a busy machine within several. */
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(60);

  /** The threads of one broker. */
  private static final class Threads extends ThreadGroup {

    private final Path dir;
    private final CompletableFuture<Void> started = new CompletableFuture<>();
    private volatile boolean running;

    Threads(Path dir) {
      super("embedded-kafka");
      this.dir = dir;
    }
  }

  /** Kafka wanted to end the process. */
  private static final class GaveUp extends RuntimeException {
    private static final long serialVersionUID = 1L;

    GaveUp(String message) {
      super(message);
    }
  }

  private final KafkaRaftServer server;
  private final Threads threads;

  GuardedBroker(KafkaRaftServer server, Path dir) {
    this.server = server;
    this.threads = new Threads(dir);
    Exit.setHaltProcedure((status, message) -> giveUp(status, message, true));
    Exit.setExitProcedure((status, message) -> giveUp(status, message, false));
  }

  /**
   * Returns when the broker is ready.
   *
   * @throws ExecutionException with the cause of the failure; call {@link #stop} then
   */
  void start(Duration timeout) throws ExecutionException, TimeoutException, InterruptedException {
    run("start", this::startUp);
    try {
      threads.started.get(timeout.plus(MARGIN).toMillis(), TimeUnit.MILLISECONDS);
      threads.running = true;
    } catch (TimeoutException | InterruptedException e) {
      threads.started.completeExceptionally(e);
      throw e;
    }
  }

  private void startUp() {
    try {
      server.startup();
      if (!threads.started.complete(null)) {
        // Nobody waits for it any more.
        shutDown();
      }
    } catch (Throwable e) {
      // Scala code throws checked exceptions undeclared.
      threads.started.completeExceptionally(e);
    }
  }

  /** Stops whatever has started; false when it does not stop in time. Harmless when repeated. */
  boolean stop() {
    threads.running = false;
    Thread stopping = run("stop", this::shutDown);
    try {
      stopping.join(STOP_TIMEOUT.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return !stopping.isAlive();
  }

  private void shutDown() {
    try {
      server.shutdown();
      server.awaitShutdown();
    } catch (RuntimeException e) {
      LOG.warn("the embedded Kafka broker did not stop cleanly", e);
    }
  }

  private Thread run(String what, Runnable task) {
    Thread thread = new Thread(threads, task, "embedded-kafka-" + what);
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  private static void giveUp(int status, String message, boolean halt) {
    Threads owner = owner();
    if (owner != null && !owner.running) {
      GaveUp failure = new GaveUp(message == null ? "a fatal fault, see the log" : message);
      owner.started.completeExceptionally(failure);
      throw failure;
    }
    if (owner != null) {
      LOG.error(
          "KAFKA_FAILED: The embedded Kafka broker ends this process ({}); {} has {} MiB left."
              + " Free space or repair the disk, then start again: what was committed is kept.",
          message == null ? "its log directory failed" : message,
          owner.dir,
          free(owner.dir) >> 20);
    }
    if (halt) {
      Runtime.getRuntime().halt(status);
    }
    System.exit(status);
  }

  /** The broker that the calling thread belongs to. */
  private static Threads owner() {
    ThreadGroup group = Thread.currentThread().getThreadGroup();
    while (group != null && !(group instanceof Threads)) {
      group = group.getParent();
    }
    return (Threads) group;
  }

  /** Usable bytes on the disk of a directory; Long.MAX_VALUE when that cannot be told. */
  static long free(Path dir) {
    try {
      return Files.getFileStore(dir).getUsableSpace();
    } catch (IOException e) {
      LOG.debug("cannot tell the free space of {}", dir, e);
      return Long.MAX_VALUE;
    }
  }
}
