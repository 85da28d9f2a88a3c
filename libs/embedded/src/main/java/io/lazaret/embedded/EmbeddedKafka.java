package io.lazaret.embedded;

import io.lazaret.problem.Problem;
import io.lazaret.problem.ProblemException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.BindException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.MetadataVersion;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A Kafka broker and its controller (KRaft) in this process, on the loopback interface. What it
 * stored survives a stop and a kill.
 *
 * <p>When its disk fills up or fails while it runs, Kafka ends the process; that is logged as a
 * problem first. Kafka logs much: set {@code org.apache.kafka}, {@code kafka} and {@code
 * state.change.logger} to WARN.
 */
public final class EmbeddedKafka implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(EmbeddedKafka.class);

  /** Kafka does not say why it gave up; with less than this left the disk is why. */
  private static final long FULL_BYTES = 1 << 20;

  private final DirectoryLock lock;
  private final int port;
  private final GuardedBroker broker;
  private final AtomicBoolean closed = new AtomicBoolean();

  /** As below, with the default settings. */
  public EmbeddedKafka(Path dir, int port) {
    this(dir, port, EmbeddedKafkaSettings.defaults());
  }

  /**
   * Returns when the broker is ready.
   *
   * @param dir where it keeps its data
   * @param port of 127.0.0.1, or 0 for a free one
   * @throws ProblemException PORT_IN_USE, DIRECTORY_NOT_WRITABLE, DIRECTORY_IN_USE, DISK_FULL,
   *     KAFKA_START_FAILED; nothing is left running then
   */
  public EmbeddedKafka(Path dir, int port, EmbeddedKafkaSettings settings) {
    DataDirectory.prepare(dir, settings.minimumFreeBytes());
    lock = DirectoryLock.take(dir);
    GuardedBroker starting = null;
    try {
      this.port = LoopbackPort.claim(port, "Kafka broker");
      int controllerPort = LoopbackPort.claim(0, "Kafka controller");
      Path data = dir.resolve("data").toAbsolutePath();
      format(data);
      KafkaConfig config =
          new KafkaConfig(BrokerProperties.of(data, this.port, controllerPort, settings), false);
      starting = new GuardedBroker(new KafkaRaftServer(config, Time.SYSTEM), dir);
      starting.start(settings.startTimeout());
      broker = starting;
    } catch (Throwable e) {
      // Scala code throws checked exceptions undeclared; a controller left running would hold the
      // directory and make the next start wait for its session.
      release(starting);
      throw problem(dir, port, e);
    }
  }

  /** Gives an empty directory its identity. A crash in the middle is repaired by the next run. */
  private static void format(Path data) throws Exception {
    if (Files.exists(data.resolve("meta.properties"))) {
      return;
    }
    new Formatter()
        .setNodeId(BrokerProperties.NODE_ID)
        .setClusterId(Uuid.randomUuid().toString())
        .setDirectories(new TreeSet<>(List.of(data.toString())))
        .setMetadataLogDirectory(data.toString())
        .setControllerListenerName(BrokerProperties.CONTROLLER)
        .setReleaseVersion(MetadataVersion.latestProduction())
        .setIgnoreFormatted(true)
        .setUnstableFeatureVersionsEnabled(false)
        .setPrintStream(
            new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8))
        .run();
  }

  private static ProblemException problem(Path dir, int port, Throwable error) {
    for (Throwable e = error; e != null; e = e.getCause()) {
      String message = String.valueOf(e.getMessage());
      if (e instanceof ProblemException known) {
        return known;
      } else if (e instanceof BindException bind) {
        return LoopbackPort.inUse(port, "Kafka broker", bind);
      } else if (message.contains("Address already in use")) {
        return LoopbackPort.inUse(port, "Kafka broker", new BindException(message));
      } else if (e instanceof IOException io) {
        return DataDirectory.problem(dir, io);
      }
    }
    if (GuardedBroker.free(dir) < FULL_BYTES) {
      return DataDirectory.problem(dir, new IOException("No space left on device", error));
    }
    return new ProblemException(
        Problem.passing(
            "KAFKA_START_FAILED",
            "The embedded Kafka broker in " + dir + " did not start: " + error,
            "Look at the log; if the directory was damaged, move it away and start empty."),
        error);
  }

  /** {@code 127.0.0.1:port}. */
  public String bootstrapServers() {
    return LoopbackPort.HOST + ":" + port;
  }

  public int port() {
    return port;
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      release(broker);
    }
  }

  private void release(GuardedBroker started) {
    if (started == null || started.stop()) {
      lock.close();
    } else {
      LOG.error("the embedded Kafka broker did not stop; its directory stays locked");
    }
  }
}
