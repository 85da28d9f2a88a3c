package io.lazaret.notification;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;

/** A receiver on this machine that answers what a test prepared; the last answer stays. */
final class HttpReceiver implements AutoCloseable {

  record Post(String path, Map<String, String> headers, String body) {}

  record Answer(int status, String body) {}

  final List<Post> posts = new CopyOnWriteArrayList<>();
  private final Deque<Answer> answers = new ArrayDeque<>();
  private final CountDownLatch never = new CountDownLatch(1);
  private final HttpServer server;
  private volatile boolean silent;

  HttpReceiver() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(
        Executors.newCachedThreadPool(
            run -> {
              Thread thread = new Thread(run);
              thread.setDaemon(true);
              return thread;
            }));
    server.createContext("/", this::answer);
    server.start();
  }

  String address() {
    return "http://127.0.0.1:" + port();
  }

  int port() {
    return server.getAddress().getPort();
  }

  synchronized HttpReceiver answering(int status) {
    return answering(status, "");
  }

  synchronized HttpReceiver answering(int status, String body) {
    answers.add(new Answer(status, body));
    return this;
  }

  /** Takes posts and never answers. */
  HttpReceiver silent() {
    silent = true;
    return this;
  }

  private synchronized Answer next() {
    Answer none = new Answer(200, "");
    return answers.isEmpty() ? none : answers.size() > 1 ? answers.poll() : answers.peek();
  }

  private void answer(HttpExchange exchange) throws IOException {
    Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    exchange.getRequestHeaders().forEach((name, values) -> headers.put(name, values.get(0)));
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    posts.add(new Post(exchange.getRequestURI().getPath(), headers, body));
    if (silent) {
      try {
        never.await();
      } catch (InterruptedException closed) {
        return;
      }
    }
    Answer answer = next();
    if (answer.status() >= 300 && answer.status() < 400) {
      exchange.getResponseHeaders().set("Location", answer.body());
    }
    byte[] bytes = answer.body().getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(answer.status(), bytes.length == 0 ? -1 : bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  @Override
  public void close() {
    never.countDown();
    server.stop(0);
  }
}
