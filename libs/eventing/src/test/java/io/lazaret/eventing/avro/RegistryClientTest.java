package io.lazaret.eventing.avro;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.lazaret.embedded.LoopbackPort;
import io.lazaret.eventing.Examples;
import io.lazaret.eventing.MutableClock;
import io.lazaret.eventing.TestPlatform;
import io.lazaret.problem.Problem;
import io.lazaret.problem.ProblemException;
import io.lazaret.schemas.StageProgress;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RegistryClientTest {

  private static final Schema SCHEMA = StageProgress.SCHEMA$;
  private static final String OK = "{\"id\":7}";
  private static final String UNKNOWN = "{\"error_code\":40403,\"message\":\"Schema not found\"}";

  private record Reply(int status, String body) {}

  private final Deque<Reply> replies = new ArrayDeque<>();
  private final List<String> requests = new ArrayList<>();
  private final CountDownLatch never = new CountDownLatch(1);
  private HttpServer server;
  private String authorization;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(LoopbackPort.HOST, 0), 0);
    server.createContext("/", this::reply);
    server.start();
  }

  @AfterEach
  void stop() {
    never.countDown();
    server.stop(0);
  }

  private void reply(HttpExchange exchange) throws IOException {
    Reply reply;
    synchronized (replies) {
      requests.add(exchange.getRequestMethod() + " " + exchange.getRequestURI());
      authorization = exchange.getRequestHeaders().getFirst("Authorization");
      reply = replies.size() > 1 ? replies.remove() : replies.peek();
    }
    exchange.getRequestBody().readAllBytes();
    byte[] body = reply.body().getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(reply.status(), body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  private void replies(Reply... all) {
    replies.addAll(List.of(all));
  }

  private String url() {
    return "http://" + LoopbackPort.HOST + ":" + server.getAddress().getPort();
  }

  private RegistrySettings settings(String urls, Map<String, String> more) {
    Map<String, String> properties = new HashMap<>(more);
    properties.put("schema.registry.url", urls);
    properties.putIfAbsent("retries.wait.ms", "1");
    return RegistrySettings.from(properties);
  }

  private RegistryClient client(Map<String, String> more) {
    return new RegistryClient(settings(url(), more));
  }

  private static String nobody() {
    return "http://" + LoopbackPort.HOST + ":" + LoopbackPort.claim(0, "test");
  }

  @Test
  void asksForASchemaOnlyOnce() {
    replies(new Reply(200, OK));
    RegistryClient client = client(Map.of());
    assertThat(client.lookup("s", SCHEMA)).isEqualTo(7);
    assertThat(client.lookup("s", SCHEMA)).isEqualTo(7);
    assertThat(client.register("s", SCHEMA)).isEqualTo(7);
    assertThat(requests).containsExactly("POST /subjects/s");
  }

  @Test
  void encodesSubjectsIntoThePath() {
    replies(new Reply(200, OK));
    client(Map.of()).lookup("a/b c+d", SCHEMA);
    assertThat(requests).containsExactly("POST /subjects/a%2Fb%20c%2Bd");
  }

  @Test
  void sendsTheCredentialsAndNeverShowsThem() {
    replies(new Reply(200, OK));
    RegistrySettings settings = settings(url(), Map.of("basic.auth.user.info", "user:pa55word"));
    new RegistryClient(settings).lookup("s", SCHEMA);
    assertThat(authorization).isEqualTo("Basic dXNlcjpwYTU1d29yZA==");
    assertThat(settings.toString()).doesNotContain("pa55word").doesNotContain("dXNlcj");
    new RegistryClient(settings(url(), Map.of("bearer.auth.token", "t0ken"))).lookup("s", SCHEMA);
    assertThat(authorization).isEqualTo("Bearer t0ken");
  }

  @Test
  void triesTheNextUrlAndStaysWithTheOneThatAnswers() {
    replies(new Reply(200, OK));
    RegistryClient client =
        new RegistryClient(settings(nobody() + "," + url(), Map.of("max.retries", "0")));
    assertThat(client.lookup("s", SCHEMA)).isEqualTo(7);
    assertThat(client.lookup("t", SCHEMA)).isEqualTo(7);
    assertThat(requests).hasSize(2);
  }

  @Test
  void triesAgainWhileTheRegistryIsOverloaded() {
    replies(new Reply(503, "busy"), new Reply(429, ""), new Reply(200, OK));
    assertThat(client(Map.of()).lookup("s", SCHEMA)).isEqualTo(7);
    assertThat(requests).hasSize(3);
  }

  @Test
  void saysThatTheRegistryIsAwayAndThatThisMayPass() {
    RegistryClient client = new RegistryClient(settings(nobody(), Map.of("max.retries", "1")));
    Problem problem = TestPlatform.problem(() -> client.lookup("s", SCHEMA));
    assertThat(problem.code()).isEqualTo("REGISTRY_UNAVAILABLE");
    assertThat(problem.retryable()).isTrue();
  }

  @Test
  void doesNotWaitLongerThanItsTimeout() throws IOException {
    HttpServer silent = HttpServer.create(new InetSocketAddress(LoopbackPort.HOST, 0), 0);
    silent.createContext(
        "/",
        exchange -> {
          try {
            never.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    silent.start();
    try {
      String url = "http://" + LoopbackPort.HOST + ":" + silent.getAddress().getPort();
      RegistryClient client =
          new RegistryClient(
              settings(url, Map.of("max.retries", "0", "http.read.timeout.ms", "100")));
      long start = System.nanoTime();
      assertThat(TestPlatform.problem(() -> client.lookup("s", SCHEMA)).retryable()).isTrue();
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
    } finally {
      never.countDown();
      silent.stop(0);
    }
  }

  @Test
  void passesOnThatItIsNotLetIn() {
    replies(new Reply(401, "{\"error_code\":401,\"message\":\"Unauthorized\"}"));
    Problem problem = TestPlatform.problem(() -> client(Map.of()).lookup("s", SCHEMA));
    assertThat(problem.code()).isEqualTo("REGISTRY_REFUSED");
    assertThat(problem.sentence()).contains("Unauthorized");
    assertThat(problem.retryable()).isFalse();
  }

  @Test
  void refusesAnswersThatAreNotJsonOrTooLarge() {
    replies(
        new Reply(200, "<html>proxy</html>"),
        new Reply(200, "{\"id\":\"" + "x".repeat(9 << 20) + "\"}"));
    RegistryClient client = client(Map.of("max.retries", "0"));
    assertThat(TestPlatform.problem(() -> client.lookup("s", SCHEMA)).sentence())
        .contains("not JSON");
    assertThat(TestPlatform.problem(() -> client.lookup("s", SCHEMA)).sentence())
        .contains("larger");
  }

  @Test
  void doesNotAskAgainForWhatIsMissingUntilAWhileHasPassed() {
    replies(new Reply(404, UNKNOWN), new Reply(200, "{\"schema\":\"\\\"string\\\"\"}"));
    MutableClock clock = new MutableClock(Examples.NOON);
    RegistryClient client = new RegistryClient(settings(url(), Map.of()), clock);
    assertThat(TestPlatform.problem(() -> client.schema(7)).code()).isEqualTo("SCHEMA_UNKNOWN");
    clock.advance(Duration.ofSeconds(9));
    assertThat(TestPlatform.problem(() -> client.schema(7)).code()).isEqualTo("SCHEMA_UNKNOWN");
    assertThat(requests).hasSize(1);
    clock.advance(Duration.ofSeconds(2));
    assertThat(client.schema(7).getType()).isEqualTo(Schema.Type.STRING);
    assertThat(requests).hasSize(2);
  }

  @Test
  void findsASchemaAtOnceThatItHasJustRegistered() {
    replies(new Reply(404, UNKNOWN), new Reply(200, OK));
    RegistryClient client = client(Map.of());
    TestPlatform.problem(() -> client.lookup("s", SCHEMA));
    client.register("s", SCHEMA);
    assertThat(client.lookup("s", SCHEMA)).isEqualTo(7);
  }

  @Test
  void refusesASchemaThatCannotBeParsed() {
    replies(new Reply(200, "{\"schema\":\"{\\\"type\\\":\\\"recor\\\"}\"}"));
    assertThat(TestPlatform.problem(() -> client(Map.of()).schema(1)).code())
        .isEqualTo("SCHEMA_UNREADABLE");
  }

  @Test
  void refusesSettingsThatCannotWork() {
    for (String url : List.of("", " , ", "ftp://x", "localhost:8081", "http://u:p@host")) {
      assertThatThrownBy(() -> RegistrySettings.of(url))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("schema.registry.url");
    }
    assertThatThrownBy(() -> settings("http://x", Map.of("max.retries", "many")))
        .hasMessageContaining("max.retries");
  }

  @Test
  void speaksTheWholeProtocolWithTheEmbeddedRegistry() {
    RegistryClient client = TestPlatform.newRegistryClient();
    Schema one = SchemaBuilder.record("P").fields().requiredString("a").endRecord();
    Schema two =
        SchemaBuilder.record("P").fields().requiredString("a").optionalInt("b").endRecord();
    Schema three =
        SchemaBuilder.record("P").fields().requiredString("a").requiredInt("c").endRecord();
    assertThat(client.versions("protocol-test")).isEmpty();
    assertThat(client.compatibility("protocol-test", one).compatible()).isTrue();
    client.setLevel("protocol-test", CompatibilityLevel.BACKWARD_TRANSITIVE);
    assertThat(client.level("protocol-test")).isEqualTo(CompatibilityLevel.BACKWARD_TRANSITIVE);
    assertThat(client.level("some-other-subject")).isEqualTo(CompatibilityLevel.BACKWARD);
    int id = client.register("protocol-test", one);
    client.register("protocol-test", two);
    assertThat(client.versions("protocol-test")).containsExactly(1, 2);
    assertThat(TestPlatform.newRegistryClient().schema(id)).isEqualTo(one);
    RegistryClient.Compatibility answer = client.compatibility("protocol-test", three);
    assertThat(answer.compatible()).isFalse();
    assertThat(answer.messages()).isNotEmpty();
    assertThatThrownBy(() -> client.register("protocol-test", three))
        .isInstanceOf(ProblemException.class)
        .hasMessageContaining("SCHEMA_INCOMPATIBLE")
        .hasMessageContaining("protocol-test");
  }
}
