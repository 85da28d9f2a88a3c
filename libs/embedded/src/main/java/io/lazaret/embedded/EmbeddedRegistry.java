package io.lazaret.embedded;

import com.sun.net.httpserver.HttpServer;
import io.lazaret.embedded.registry.RegistryRoutes;
import io.lazaret.embedded.registry.SchemaStore;
import io.lazaret.problem.ProblemException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A schema registry in this process that speaks Confluent's protocol for Avro, on the loopback
 * interface. Schemas are kept in an append-only journal and are never deleted.
 */
public final class EmbeddedRegistry implements AutoCloseable {

  /** Free disk space needed to start. */
  private static final long MINIMUM_FREE_BYTES = 16L << 20;

  private static final int THREADS = 4;

  static {
    // Without it the JDK's server delays small answers by 40 ms on kept-alive connections.
    if (System.getProperty("sun.net.httpserver.nodelay") == null) {
      System.setProperty("sun.net.httpserver.nodelay", "true");
    }
  }

  private final DirectoryLock lock;
  private final SchemaStore store;
  private final HttpServer server;
  private final ExecutorService threads;

  /**
   * Returns when the registry answers.
   *
   * @param dir where it keeps its journal
   * @param port of 127.0.0.1, or 0 for a free one
   * @throws ProblemException PORT_IN_USE, DIRECTORY_NOT_WRITABLE, DIRECTORY_IN_USE, DISK_FULL,
   *     REGISTRY_JOURNAL_DAMAGED
   */
  public EmbeddedRegistry(Path dir, int port) {
    DataDirectory.prepare(dir, MINIMUM_FREE_BYTES);
    lock = DirectoryLock.take(dir);
    SchemaStore opened = null;
    try {
      int claimed = LoopbackPort.claim(port, "schema registry");
      opened = SchemaStore.open(dir);
      server = listen(claimed);
    } catch (RuntimeException e) {
      if (opened != null) {
        opened.close();
      }
      lock.close();
      throw e;
    }
    store = opened;
    AtomicInteger count = new AtomicInteger();
    threads =
        Executors.newFixedThreadPool(
            THREADS,
            task -> {
              Thread thread = new Thread(task, "embedded-registry-" + count.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
    server.setExecutor(threads);
    server.createContext("/", new RegistryRoutes(store));
    server.start();
  }

  private static HttpServer listen(int port) {
    try {
      return HttpServer.create(
          new InetSocketAddress(InetAddress.getByName(LoopbackPort.HOST), port), 0);
    } catch (IOException e) {
      throw LoopbackPort.inUse(port, "schema registry", e);
    }
  }

  /** {@code http://127.0.0.1:port}. */
  public String url() {
    return "http://" + LoopbackPort.HOST + ":" + port();
  }

  public int port() {
    return server.getAddress().getPort();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
    store.close();
    lock.close();
  }
}
