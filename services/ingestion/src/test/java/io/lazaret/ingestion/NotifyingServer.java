package io.lazaret.ingestion;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;

/** A double of the one call with which MinIO tells what is written. */
final class NotifyingServer implements AutoCloseable {

  private static final String END = "";

  private final HttpServer server;
  private final BlockingQueue<String> toSay = new LinkedBlockingQueue<>();
  private final CountDownLatch listening = new CountDownLatch(1);

  NotifyingServer() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newCachedThreadPool());
    server.createContext("/", this::answer);
    server.start();
  }

  String endpoint() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  void awaitListener() throws InterruptedException {
    listening.await();
  }

  /** Tells that an object was written. */
  void say(String key) {
    toSay.add(
        """
        {"Records":[{"eventName":"s3:ObjectCreated:Put","s3":{"object":{"key":"%s","size":0}}}]}
        """
            .formatted(URLEncoder.encode(key, StandardCharsets.UTF_8)));
  }

  private void answer(HttpExchange exchange) throws IOException {
    exchange.sendResponseHeaders(200, 0);
    try (OutputStream out = exchange.getResponseBody()) {
      if (String.valueOf(exchange.getRequestURI().getRawQuery()).contains("location")) {
        out.write("<LocationConstraint/>".getBytes(StandardCharsets.UTF_8));
        return;
      }
      listening.countDown();
      for (String word = toSay.take(); !word.equals(END); word = toSay.take()) {
        out.write(word.getBytes(StandardCharsets.UTF_8));
        out.flush();
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    toSay.add(END);
    server.stop(0);
  }
}
