package io.lazaret.standalone;

import io.lazaret.embedded.EmbeddedKafka;
import io.lazaret.embedded.EmbeddedRegistry;
import io.lazaret.embedded.EmbeddedS3;
import io.lazaret.embedded.LoopbackPort;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.function.Supplier;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Kafka, registry and S3 in this process, started before and stopped after everything else. Their
 * addresses become system properties, where the settings of the services are read.
 */
@ApplicationScoped
public class EmbeddedServers {

  private static final Logger LOG = LoggerFactory.getLogger(EmbeddedServers.class);

  /** Before {@link io.lazaret.service.StartOrder#PREPARE}. */
  private static final int FIRST = 1;

  private static final int LAST = 100_000;
  private static final int SECRET_BYTES = 24;
  private static final String ACCESS_KEY = "lazaret";
  private static final String WORKER_ID = "lazaret.worker.id";

  @ConfigProperty(name = "lazaret.data.dir")
  Path data;

  @ConfigProperty(name = "lazaret.http.port")
  int httpPort;

  @ConfigProperty(name = "lazaret.embedded.enabled")
  boolean enabled;

  @ConfigProperty(name = "lazaret.embedded.kafka.port")
  int kafkaPort;

  @ConfigProperty(name = "lazaret.embedded.registry.port")
  int registryPort;

  @ConfigProperty(name = "lazaret.embedded.s3.port")
  int s3Port;

  @ConfigProperty(name = WORKER_ID)
  Optional<String> workerId;

  private final Deque<AutoCloseable> running = new ConcurrentLinkedDeque<>();

  void onStart(@Observes @Priority(FIRST) StartupEvent start) {
    try {
      running.push(DataLock.take(data));
      LoopbackPort.claim(httpPort, "HTTP interface");
      if (enabled) {
        startServers();
      }
    } catch (RuntimeException failed) {
      // A broker that is left running would make the next start wait for its session to end.
      stop();
      throw failed;
    }
  }

  private void startServers() {
    if (workerId.isEmpty()) {
      // Nobody else can join an embedded broker. A known id gets its partitions back at once after
      // a kill, and not when its old session has run out.
      System.setProperty(WORKER_ID, "standalone");
    }
    byte[] random = new byte[SECRET_BYTES];
    new SecureRandom().nextBytes(random);
    String secret = HexFormat.of().formatHex(random);
    List<CompletableFuture<Void>> starting = new ArrayList<>();
    starting.add(
        starting(
            () -> {
              EmbeddedKafka kafka = new EmbeddedKafka(data.resolve("kafka"), kafkaPort);
              System.setProperty("lazaret.kafka.bootstrap.servers", kafka.bootstrapServers());
              return kafka;
            }));
    starting.add(
        starting(
            () -> {
              EmbeddedRegistry registry =
                  new EmbeddedRegistry(data.resolve("registry"), registryPort);
              System.setProperty("lazaret.registry.url", registry.url());
              return registry;
            }));
    starting.add(
        starting(
            () -> {
              EmbeddedS3 s3 = new EmbeddedS3(data.resolve("s3"), s3Port, ACCESS_KEY, secret);
              System.setProperty("lazaret.s3.endpoint", s3.endpoint());
              System.setProperty("lazaret.s3.access-key", ACCESS_KEY);
              System.setProperty("lazaret.s3.secret-key", secret);
              return s3;
            }));
    awaitAll(starting);
  }

  private CompletableFuture<Void> starting(Supplier<AutoCloseable> server) {
    // Not the common pool: a broker takes over the context of the thread that starts it.
    CompletableFuture<Void> done = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                running.push(server.get());
                done.complete(null);
              } catch (Throwable failed) {
                done.completeExceptionally(failed);
              }
            },
            "embedded-start");
    thread.start();
    return done;
  }

  /** Waits for all, so that what did start can be stopped; then tells the first failure. */
  private static void awaitAll(List<CompletableFuture<Void>> starting) {
    RuntimeException first = null;
    for (CompletableFuture<Void> each : starting) {
      try {
        each.join();
      } catch (CompletionException failed) {
        RuntimeException cause =
            failed.getCause() instanceof RuntimeException runtime
                ? runtime
                : new IllegalStateException(failed.getCause());
        first = first == null ? cause : first;
      }
    }
    if (first != null) {
      throw first;
    }
  }

  void onStop(@Observes @Priority(LAST) ShutdownEvent stop) {
    stop();
  }

  private void stop() {
    while (!running.isEmpty()) {
      try {
        running.pop().close();
      } catch (Exception e) {
        LOG.warn("an embedded server did not stop cleanly: {}", e.toString());
      }
    }
  }
}
