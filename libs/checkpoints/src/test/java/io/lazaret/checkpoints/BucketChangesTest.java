package io.lazaret.checkpoints;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.lazaret.embedded.EmbeddedS3;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against a double of MinIO's stream of notifications, and a server that has none. */
class BucketChangesTest {

  private static final String EVENT =
      """
      {"Records":[{"eventVersion":"2.0","eventSource":"minio:s3","awsRegion":"",\
      "eventTime":"2026-01-01T00:00:00.000Z","eventName":"s3:ObjectCreated:Put",\
      "s3":{"s3SchemaVersion":"1.0","bucket":{"name":"lazaret"},\
      "object":{"key":"incoming%2Fnano%2F_COMPLETE","size":0}}}]}
      """;

  /** Ends the stream. */
  private static final String END = "";

  private final BlockingQueue<String> toSay = new LinkedBlockingQueue<>();
  private final BlockingQueue<String> asked = new LinkedBlockingQueue<>();
  private HttpServer server;
  private ObjectStore store;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newCachedThreadPool());
    server.createContext("/", this::answer);
    server.start();
    String endpoint = "http://127.0.0.1:" + server.getAddress().getPort();
    store = new ObjectStore(S3Settings.of(endpoint, Store.ACCESS, Store.SECRET, "lazaret"));
  }

  @AfterEach
  void stop() {
    toSay.add(END);
    store.close();
    server.stop(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    String query = String.valueOf(exchange.getRequestURI().getRawQuery());
    exchange.sendResponseHeaders(200, 0);
    try (OutputStream out = exchange.getResponseBody()) {
      if (query.contains("location")) {
        out.write("<LocationConstraint/>".getBytes(StandardCharsets.UTF_8));
        return;
      }
      asked.add(query);
      for (String word = toSay.take(); !word.equals(END); word = toSay.take()) {
        out.write(word.getBytes(StandardCharsets.UTF_8));
        out.flush();
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void saysThatSomethingWasWrittenAndNothingWhileTheServerOnlyBreathes() throws Exception {
    try (BucketChanges changes = store.changes("incoming/")) {
      CompletableFuture<Boolean> heard = CompletableFuture.supplyAsync(changes::await);
      assertThat(asked.poll(10, TimeUnit.SECONDS))
          .contains("prefix=incoming%2F", "events=s3%3AObjectCreated%3A%2A");
      toSay.add(" \n");
      toSay.add("{\"Records\":[]}\n");
      assertThat(heard).isNotDone();
      toSay.add(EVENT);
      assertThat(heard.get(10, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void endsWhenTheServerEndsAndWhenTheStoreIsClosed() throws Exception {
    try (BucketChanges changes = store.changes("incoming/")) {
      toSay.add(EVENT);
      assertThat(changes.await()).isTrue();
      toSay.add(END);
      assertThat(changes.await()).isFalse();
    }
    BucketChanges changes = store.changes("incoming/");
    CompletableFuture<Boolean> heard = CompletableFuture.supplyAsync(changes::await);
    store.close();
    assertThat(heard.get(10, TimeUnit.SECONDS)).isFalse();
  }

  @Test
  void whatIsNoEventIsANamedProblem() {
    try (BucketChanges changes = store.changes("incoming/")) {
      toSay.add("<html>hello</html>\n");
      assertThatThrownBy(changes::await).hasMessageStartingWith("STORE_SENDS_NO_EVENTS");
    }
  }

  @Test
  void aServerWithoutNotificationsIsANamedProblem(@TempDir Path directory) {
    try (EmbeddedS3 plain = new EmbeddedS3(directory, 0, Store.ACCESS, Store.SECRET);
        ObjectStore bucket =
            new ObjectStore(
                S3Settings.of(plain.endpoint(), Store.ACCESS, Store.SECRET, "lazaret"))) {
      bucket.ensureBucket();
      assertThatThrownBy(
              () -> {
                try (BucketChanges changes = bucket.changes("incoming/")) {
                  changes.await();
                }
              })
          .hasMessageStartingWith("STORE_SENDS_NO_EVENTS");
    }
  }
}
