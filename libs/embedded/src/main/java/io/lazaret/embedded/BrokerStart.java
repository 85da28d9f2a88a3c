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
 * Starts a broker so that it cannot end the process: where Kafka gives up by halting the JVM, a
 * start fails. Once it runs there is nothing to go on with; then the end is reported before it
 * comes.
 */
final class BrokerStart {

  private static final Logger LOG = LoggerFactory.getLogger(BrokerStart.class);

  /** The start under way, if any; Kafka's way out is one for the whole process. */
  private static volatile CompletableFuture<Void> underWay;

  private BrokerStart() {}

  /** Kafka wanted to end the process. */
  static final class GaveUp extends RuntimeException {
    private static final long serialVersionUID = 1L;

    GaveUp(String message) {
      super(message);
    }
  }

  /**
   * Returns when the broker is ready.
   *
   * @throws ExecutionException with the cause of the failure
   */
  static void run(KafkaRaftServer server, Path dir, Duration timeout)
      throws ExecutionException, TimeoutException, InterruptedException {
    synchronized (BrokerStart.class) {
      CompletableFuture<Void> start = new CompletableFuture<>();
      underWay = start;
      Exit.setHaltProcedure((status, message) -> giveUp(dir, status, message, true));
      Exit.setExitProcedure((status, message) -> giveUp(dir, status, message, false));
      Thread thread =
          new Thread(
              () -> {
                try {
                  server.startup();
                  start.complete(null);
                } catch (Throwable e) {
                  // Scala code throws checked exceptions undeclared.
                  start.completeExceptionally(e);
                }
              },
              "embedded-kafka-start");
      thread.setDaemon(true);
      thread.start();
      try {
        start.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
      } finally {
        underWay = null;
      }
    }
  }

  private static void giveUp(Path dir, int status, String message, boolean halt) {
    CompletableFuture<Void> start = underWay;
    if (start != null) {
      GaveUp failure = new GaveUp(message == null ? "a fatal fault, see the log" : message);
      start.completeExceptionally(failure);
      throw failure;
    }
    LOG.error(
        "KAFKA_FAILED: The embedded Kafka broker ends this process ({}); {} has {} MiB left."
            + " Free space or repair the disk, then start again: what was committed is kept.",
        message == null ? "its log directory failed" : message,
        dir,
        free(dir) >> 20);
    if (halt) {
      Runtime.getRuntime().halt(status);
    }
    System.exit(status);
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
