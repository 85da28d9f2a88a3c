package io.lazaret.cli;

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
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** The REST contract over HTTP, answered from what a test prepared. */
final class StubPlatform implements AutoCloseable {

  /** A prepared answer. */
  record Answer(int status, byte[] body) {
    static Answer json(String body) {
      return new Answer(200, body.getBytes(StandardCharsets.UTF_8));
    }

    static Answer problem(int status, String code) {
      String body =
          "{\"type\": \"urn:lazaret:problem:%s\", \"title\": \"t\", \"status\": %d, \"detail\": \"what \\u001b[31m happened\", \"code\": \"%s\", \"nextStep\": \"do this\"}"
              .formatted(code, status, code);
      return new Answer(status, body.getBytes(StandardCharsets.UTF_8));
    }
  }

  final Map<String, byte[]> received = new TreeMap<>();
  final List<String> asked = new CopyOnWriteArrayList<>();
  final List<String> authorizations = new CopyOnWriteArrayList<>();
  private final Map<String, Deque<Answer>> answers = new ConcurrentHashMap<>();
  private HttpServer server;

  StubPlatform() throws IOException {
    server = started(0);
    on("GET /q/health/ready", Answer.json("{\"status\": \"UP\"}"));
    on("POST /api/ingestion/uploads", new Answer(201, "{\"uploadId\": \"u-1\"}".getBytes()));
    on(
        "POST /api/ingestion/uploads/u-1/submit",
        new Answer(202, "{\"screeningId\": \"s-1\", \"digest\": \"sha256:00\"}".getBytes()));
  }

  private HttpServer started(int port) throws IOException {
    HttpServer started =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    started.createContext("/", this::answer);
    started.start();
    return started;
  }

  /** Cuts off who is connected; the same address answers again, as prepared. */
  void restart() throws IOException {
    int port = server.getAddress().getPort();
    server.stop(0);
    server = started(port);
  }

  String address() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** Answers in order; the last one stays. */
  StubPlatform on(String request, Answer... prepared) {
    answers.put(request, new ArrayDeque<>(List.of(prepared)));
    return this;
  }

  private void answer(HttpExchange exchange) throws IOException {
    String request = exchange.getRequestMethod() + " " + exchange.getRequestURI().getPath();
    byte[] body = exchange.getRequestBody().readAllBytes();
    asked.add(exchange.getRequestMethod() + " " + exchange.getRequestURI());
    authorizations.add(String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
    Answer answer = next(request);
    if (!"GET".equals(exchange.getRequestMethod())) {
      received.put(request, body);
    }
    exchange.sendResponseHeaders(
        answer.status(), answer.body().length == 0 ? -1 : answer.body().length);
    exchange.getResponseBody().write(answer.body());
    exchange.close();
  }

  private synchronized Answer next(String request) {
    Deque<Answer> prepared = answers.get(request);
    if (prepared == null) {
      return request.startsWith("PUT ")
          ? new Answer(204, new byte[0])
          : Answer.problem(404, "NOT_FOUND");
    }
    return prepared.size() > 1 ? prepared.poll() : prepared.peek();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
