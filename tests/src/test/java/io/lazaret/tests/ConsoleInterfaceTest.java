package io.lazaret.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lazaret.access.Role;
import io.lazaret.access.SigningKey;
import io.lazaret.access.Tokens;
import io.lazaret.cli.platform.Installation;
import io.lazaret.cli.platform.StandaloneProcess;
import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The interface over real HTTP: who may, what is refused and how, and what a stream does. */
class ConsoleInterfaceTest {

  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir static Path directory;

  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private static OutsideSystems outside;
  private static StandaloneProcess platform;
  private static Path data;
  private static Tokens tokens;

  @BeforeAll
  static void start() throws Exception {
    outside = new OutsideSystems(directory);
    data = directory.resolve("data");
    Path config = Files.createDirectories(data.resolve("config"));
    Files.writeString(config.resolve("application.properties"), outside.settings());
    platform =
        StandaloneProcess.start(
            new Installation(Shipped.ROOT, Path.of(System.getProperty("java.home"), "bin", "java")),
            data,
            0,
            StandaloneProcess.Settings.standard(),
            elapsed -> {});
    tokens = new Tokens(SigningKey.read(data.resolve("keys/access.key")));
  }

  @AfterAll
  static void stop() throws Exception {
    if (platform != null) {
      platform.close();
    }
    outside.close();
  }

  private static String token(String actor, Role role) {
    return tokens.issue(actor, Set.of(role), Instant.now(), Duration.ofHours(1));
  }

  private static HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(platform.address().resolve(path)).timeout(PATIENCE);
  }

  private static HttpRequest.Builder as(String actor, Role role, String path) {
    return request(path).header("Authorization", "Bearer " + token(actor, role));
  }

  private static HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return HTTP.send(request.build(), BodyHandlers.ofString());
  }

  private static HttpResponse<String> get(String path) throws Exception {
    return send(as("vera", Role.VIEWER, path));
  }

  private static HttpResponse<String> post(String actor, Role role, String path, String body)
      throws Exception {
    return send(
        as(actor, role, path)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body)));
  }

  /** The status, in a document that says what to do and nothing of the inside. */
  private static void assertProblem(HttpResponse<String> answer, int status) throws Exception {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    assertThat(answer.headers().firstValue("Content-Type").orElse(""))
        .startsWith("application/problem+json");
    JsonNode problem = JSON.readTree(answer.body());
    assertThat(problem.path("status").asInt()).isEqualTo(status);
    assertThat(problem.path("type").asText()).startsWith("urn:lazaret:problem:");
    assertThat(problem.path("detail").asText()).isNotBlank();
    assertThat(answer.body()).doesNotContain("io.lazaret", "Exception", "\tat ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/api/overview",
        "/api/models",
        "/api/models/x",
        "/api/models/x/timeline",
        "/api/screenings",
        "/api/screenings/x",
        "/api/screenings/x/events",
        "/api/stream",
        "/api/releases",
        "/api/triggers",
        "/api/policies",
        "/api/approvals",
        "/api/audit",
        "/api/dead-letters",
        "/api/record",
        "/api/session",
        "/api/notifications",
        "/q/metrics",
        "/q/openapi",
        "/nothing/of/this/name"
      })
  void withoutATokenNothingIsTold(String path) throws Exception {
    HttpResponse<String> answer = send(request(path));
    assertProblem(answer, 401);
    assertThat(answer.headers().firstValue("WWW-Authenticate")).contains("Bearer");
  }

  @Test
  void thePageAndHealthNeedNoToken() throws Exception {
    HttpResponse<String> page = send(request("/"));
    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(page.headers().firstValue("Content-Security-Policy").orElse(""))
        .contains("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'")
        .doesNotContain("unsafe");
    assertThat(page.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
    assertThat(page.headers().firstValue("Access-Control-Allow-Origin")).isEmpty();
    assertThat(send(request("/q/health/live")).statusCode()).isEqualTo(200);
  }

  @Test
  void forgedAndExpiredTokensAreRefused() throws Exception {
    String good = token("ada", Role.ADMIN);
    Tokens others = new Tokens(SigningKey.readOrCreate(data.resolve("other.key")));
    String forged = others.issue("ada", Set.of(Role.ADMIN), Instant.now(), Duration.ofHours(1));
    String expired = tokens.issue("ada", Set.of(Role.ADMIN), Instant.now(), Duration.ofSeconds(-1));
    String once = tokens.issueOnce("ada", Set.of(Role.ADMIN), Instant.now(), Duration.ofHours(1));
    for (String bad : List.of(forged, expired, once, good + "x", "x", "a.b.c")) {
      assertProblem(send(request("/api/models").header("Authorization", "Bearer " + bad)), 401);
    }
    assertProblem(send(request("/api/models").header("Authorization", "Basic YTpi")), 401);
    assertThat(get("/api/models").statusCode()).isEqualTo(200);
  }

  @ParameterizedTest
  @CsvSource({
    "VIEWER,/api/releases/holds",
    "VIEWER,/api/triggers",
    "VIEWER,/api/dead-letters/replay",
    "OPERATOR,/api/releases/approvals",
    "OPERATOR,/api/releases/rejections",
    "OPERATOR,/api/releases/promotions",
    "OPERATOR,/api/releases/rollbacks",
    "APPROVER,/api/policies",
    "APPROVER,/api/releases/holds",
    "VIEWER,/api/ingestion/uploads",
    "ADMIN,/api/overview",
    "ADMIN,/api/nothing"
  })
  void aRoleDoesWhatItIsForAndNoMore(Role role, String path) throws Exception {
    assertProblem(post("ada", role, path, "{}"), 403);
  }

  @Test
  void theAuditIsForAdminsAndKnowsWhoAskedWithWhatEnd() throws Exception {
    assertProblem(get("/api/audit"), 403);
    String name = "auditor-" + System.nanoTime();
    assertProblem(post(name, Role.VIEWER, "/api/triggers", "{}"), 403);
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              JsonNode items =
                  JSON.readTree(send(as("ada", Role.ADMIN, "/api/audit")).body()).path("items");
              assertThat(items)
                  .anySatisfy(
                      item -> {
                        assertThat(item.path("actor").asText()).isEqualTo(name);
                        assertThat(item.path("action").asText()).isEqualTo("POST /api/triggers");
                        assertThat(item.path("status").asInt()).isEqualTo(403);
                      });
            });
  }

  @Test
  void aSessionIsOpenedOnceAndOnlyOurPageChangesSomethingWithIt() throws Exception {
    String once = tokens.issueOnce("ada", Set.of(Role.ADMIN), Instant.now(), Duration.ofMinutes(1));
    String body = JSON.createObjectNode().put("token", once).toString();
    HttpRequest.Builder opening =
        request("/api/session")
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body));
    HttpResponse<String> opened = send(opening);
    assertThat(opened.statusCode()).as(opened.body()).isEqualTo(200);
    String cookie = opened.headers().firstValue("Set-Cookie").orElseThrow();
    assertThat(cookie).contains("HttpOnly", "SameSite=Strict");
    assertProblem(send(opening), 401);

    String value = cookie.split(";")[0];
    HttpResponse<String> session = send(request("/api/session").header("Cookie", value));
    assertThat(JSON.readTree(session.body()).path("actor").asText()).isEqualTo("ada");
    String trigger = "{\"trigger\":\"c\",\"target\":\"d\",\"reason\":\"seen\"}";
    HttpRequest.Builder foreign =
        request("/api/triggers")
            .header("Cookie", value)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(trigger));
    assertProblem(send(foreign), 403);
    assertProblem(
        send(foreign.header("X-Requested-With", "lazaret").header("Origin", "http://evil.test")),
        403);
    assertProblem(send(request("/api/models").header("Cookie", value + "x")), 401);
  }

  @Test
  void anotherNameForThisMachineIsNotAnswered() throws Exception {
    assertThat(raw("GET /api/models HTTP/1.1\r\nHost: evil.test\r\nConnection: close\r\n\r\n"))
        .startsWith("HTTP/1.1 421");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/api/models?limit=0",
        "/api/models?limit=501",
        "/api/models?limit=x",
        "/api/models?limit=99999999999999999999",
        "/api/models?cursor=***",
        "/api/models?cursor=AAAA",
        "/api/models?sort=size",
        "/api/screenings?limit=-1",
        "/api/screenings?cursor=%00",
        "/api/releases?limit=%20",
        "/api/approvals?limit=1e3",
        "/api/triggers?cursor=%F0%9F%92%A9",
        "/api/models/x/timeline?order=up",
        "/api/models/x/timeline?body=1",
        "/api/dead-letters?limit=0",
        "/api/dead-letters?topic=lazaret.nothing",
        "/api/stream?after=x",
        "/api/stream?after=1.2.3.4.5.6.7.8.9.10",
        "/api/stream?after=-1",
        "/api/records/0.0",
        "/api/records/99.0.0",
        "/api/records/a.b.c",
        "/api/releases/attestation?model=x",
        "/api/releases/attestation?model=x&channel=y&revision=z"
      })
  void malformedQueriesAreRefused(String path) throws Exception {
    assertProblem(get(path), 400);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/api/models/nobody",
        "/api/models/nobody/timeline",
        "/api/screenings/nothing",
        "/api/screenings/nothing/events",
        "/api/screenings/nothing/curves",
        "/api/screenings/nothing/evidence",
        "/api/screenings/nothing/evidence/1",
        "/api/screenings/nothing/stream",
        "/api/record?model=nobody",
        "/api/record/nothing",
        "/api/record/nothing/objects/abc",
        "/api/records/0.0.999999",
        "/api/releases/history?model=nobody",
        "/api/releases/keys/nothing",
        "/api/releases/attestation?model=x&channel=y&revision=1",
        "/api/nothing"
      })
  void whatIsNotThereIsNotFound(String path) throws Exception {
    assertProblem(get(path), 404);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/api/releases/approvals|{\"screening\":\"nothing\",\"reason\":\"r\"}|404",
        "/api/releases/rejections|{\"screening\":\"nothing\",\"reason\":\"r\"}|404",
        "/api/releases/holds|{\"reason\":\"r\"}|400",
        "/api/releases/promotions|{\"model\":\"nobody\",\"channel\":\"c\",\"reason\":\"r\"}|404",
        "/api/releases/rollbacks|{\"model\":\"nobody\",\"channel\":\"c\",\"reason\":\"r\"}|404",
        "/api/releases/rescreenings|{\"channel\":\"c\",\"reason\":\"r\"}|400",
        "/api/policies|{\"model\":\"nobody\",\"policy\":\"{}\",\"reason\":\"r\"}|404",
        "/api/triggers|{\"trigger\":\"t\",\"reason\":\"r\"}|400",
        "/api/triggers|{\"trigger\":\"t\",\"target\":\"u\"}|400",
        "/api/triggers|not json|400",
        "/api/triggers|[]|400",
        "/api/dead-letters/replay|{}|400",
        "/api/dead-letters/replay|{\"topic\":\"lazaret.nothing\"}|400",
        "/api/dead-letters/replay|{\"topic\":\"lazaret.inbox\",\"offset\":77}|404"
      })
  void requestsThatCannotBeDoneSayWhy(String path, String body, int status) throws Exception {
    assertProblem(post("ada", Role.ADMIN, path, body), status);
  }

  @Test
  void bodiesAreBounded() throws Exception {
    assertProblem(
        post("ada", Role.ADMIN, "/api/triggers", "{\"trigger\":\"" + "x".repeat(2 << 20) + "\"}"),
        413);
    HttpRequest.Builder endless =
        as("ada", Role.ADMIN, "/api/triggers")
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofInputStream(() -> InputStream.nullInputStream()));
    assertProblem(send(endless), 411);
    HttpRequest.Builder form =
        as("ada", Role.ADMIN, "/api/triggers")
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(BodyPublishers.ofString("trigger=x"));
    assertProblem(send(form), 415);
    assertThat(get("/api/models").statusCode()).isEqualTo(200);
  }

  @Test
  void theTokenSaysWhoAskedAndNotTheRequest() throws Exception {
    HttpResponse<String> answer =
        post(
            "olga",
            Role.OPERATOR,
            "/api/triggers",
            "{\"actor\":\"eve\",\"trigger\":\"who\",\"target\":\"asks\",\"reason\":\"seen\"}");
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    JsonNode record = JSON.readTree(answer.body()).path("record");
    assertThat(record.path("actor").asText()).isEqualTo("olga");
    assertProblem(
        post(
            "olga",
            Role.OPERATOR,
            "/api/triggers",
            "{\"trigger\":\"who\",\"target\":\"asks\",\"reason\":\"again\"}"),
        409);
    assertThat(get("/api/triggers").body()).contains("\"trigger\":\"who\"");
  }

  @Test
  void aRequestThatWasMadeOfAnotherStateIsRefused() throws Exception {
    String id = outside.ingest("stale", "sha256:" + "0".repeat(64), "{}");
    await().atMost(PATIENCE).until(() -> get("/api/screenings/" + id).statusCode() == 200);
    HttpResponse<String> page = get("/api/screenings/" + id);
    String tag = page.headers().firstValue("ETag").orElseThrow();
    String body = "{\"screening\":\"" + id + "\",\"reason\":\"to look at\"}";
    HttpRequest.Builder hold =
        as("olga", Role.OPERATOR, "/api/releases/holds")
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body));
    assertProblem(send(hold.copy().header("If-Match", "\"7\"")), 412);
    assertProblem(send(hold.copy().header("If-Match", "never")), 400);
    HttpResponse<String> held = send(hold.copy().header("If-Match", tag));
    assertThat(held.statusCode()).as(held.body()).isEqualTo(200);
    assertThat(JSON.readTree(held.body()).path("record").path("actor").asText()).isEqualTo("olga");
    assertProblem(send(hold.copy().header("If-Match", tag)), 412);
    assertProblem(send(hold), 409);
    assertProblem(post("ada", Role.APPROVER, "/api/releases/approvals", body), 409);
    assertProblem(post("ada", Role.APPROVER, "/api/releases/rejections", body), 409);
    assertThat(get("/api/approvals").body()).contains("\"decision\":\"HELD\"", "olga");
    assertThat(get("/api/models/stale/timeline").body()).contains("ReleaseHeld");
    assertThat(get("/api/screenings?state=DETECTION").body()).contains(id);
    assertThat(get("/api/overview").body()).contains(id);
  }

  @Test
  void whatIsKnownIsNotSentAgain() throws Exception {
    HttpResponse<String> first = get("/api/policies");
    String tag = first.headers().firstValue("ETag").orElseThrow();
    HttpResponse<String> second =
        send(as("vera", Role.VIEWER, "/api/policies").header("If-None-Match", tag));
    assertThat(second.statusCode()).isEqualTo(304);
    assertThat(second.body()).isEmpty();
  }

  @Test
  void everyPathIsDescribed() throws Exception {
    HttpResponse<String> answer = get("/q/openapi?format=json");
    assertThat(answer.statusCode()).isEqualTo(200);
    JsonNode paths = JSON.readTree(answer.body()).path("paths");
    List<String> described = new ArrayList<>();
    paths.fieldNames().forEachRemaining(described::add);
    assertThat(described)
        .contains(
            "/api/overview",
            "/api/models",
            "/api/models/{name}",
            "/api/models/{name}/timeline",
            "/api/records/{id}",
            "/api/screenings",
            "/api/screenings/{id}",
            "/api/screenings/{id}/events",
            "/api/screenings/{id}/curves",
            "/api/screenings/{id}/evidence",
            "/api/screenings/{id}/evidence/{round}",
            "/api/screenings/{id}/stream",
            "/api/stream",
            "/api/releases",
            "/api/releases/waiting",
            "/api/releases/history",
            "/api/releases/attestation",
            "/api/releases/keys/{id}",
            "/api/releases/approvals",
            "/api/releases/rejections",
            "/api/releases/holds",
            "/api/releases/promotions",
            "/api/releases/rollbacks",
            "/api/releases/rescreenings",
            "/api/approvals",
            "/api/triggers",
            "/api/policies",
            "/api/dead-letters",
            "/api/dead-letters/replay",
            "/api/record",
            "/api/record/{id}",
            "/api/record/{id}/objects/{sha256}",
            "/api/checkpoints/{digest}/files",
            "/api/session",
            "/api/audit",
            "/api/ingestion/uploads");
  }

  /** Somebody who listens, over a plain socket. */
  private record Stream(Socket socket, BufferedReader lines) implements AutoCloseable {

    /** One message; null for what it does not have. */
    record Message(String id, String data) {}

    static Stream open(String path, String last) throws Exception {
      URI address = platform.address();
      Socket socket = new Socket(address.getHost(), address.getPort());
      socket.setSoTimeout((int) PATIENCE.toMillis());
      String request =
          "GET "
              + path
              + " HTTP/1.1\r\nHost: 127.0.0.1:"
              + address.getPort()
              + "\r\nAccept: text/event-stream\r\nAuthorization: Bearer "
              + token("vera", Role.VIEWER)
              + (last == null ? "" : "\r\nLast-Event-ID: " + last)
              + "\r\n\r\n";
      OutputStream out = socket.getOutputStream();
      out.write(request.getBytes(StandardCharsets.US_ASCII));
      out.flush();
      return new Stream(
          socket,
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8)));
    }

    /** Waits until the stream is open. */
    Stream opened() throws Exception {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith(":")) {
          return this;
        }
      }
      throw new AssertionError("the stream ended");
    }

    /** The next message that is not a comment. */
    Message next() throws Exception {
      String id = null;
      String data = null;
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith("id:")) {
          id = line.substring(3).strip();
        } else if (line.startsWith("data:")) {
          data = line.substring(5).strip();
        } else if (line.isEmpty() && data != null) {
          return new Message(id, data);
        }
      }
      throw new AssertionError("the stream ended");
    }

    @Override
    public void close() throws Exception {
      socket.close();
    }
  }

  private static void addTrigger(String trigger) throws Exception {
    HttpResponse<String> answer =
        post(
            "olga",
            Role.OPERATOR,
            "/api/triggers",
            "{\"trigger\":\"" + trigger + "\",\"target\":\"t\",\"reason\":\"seen\"}");
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
  }

  @Test
  void aStreamGoesOnFromTheRecordWhereItBrokeOff() throws Exception {
    String mark = "stream-" + System.nanoTime();
    String id;
    try (Stream live = Stream.open("/api/stream?type=TriggerIntelligence", null).opened()) {
      addTrigger(mark + "-1");
      Stream.Message first = live.next();
      assertThat(first.data()).contains(mark + "-1");
      id = first.id();
    }
    addTrigger(mark + "-2");
    addTrigger(mark + "-3");
    try (Stream resumed = Stream.open("/api/stream?type=TriggerIntelligence", id)) {
      assertThat(resumed.next().data()).contains(mark + "-2");
      assertThat(resumed.next().data()).contains(mark + "-3");
      addTrigger(mark + "-4");
      assertThat(resumed.next().data()).contains(mark + "-4");
    }
    try (Stream all = Stream.open("/api/stream?after=0", null)) {
      Stream.Message seen = all.next();
      while (!seen.data().contains(mark + "-4")) {
        seen = all.next();
      }
      addTrigger(mark + "-5");
      assertThat(all.next().data()).contains(mark + "-5");
    }
  }

  @Test
  void readersThatDoNotReadDisturbNobody() throws Exception {
    List<Stream> asleep = new ArrayList<>();
    try (Stream awake = Stream.open("/api/stream", null).opened()) {
      for (int i = 0; i < 150; i++) {
        asleep.add(Stream.open("/api/stream?after=0", null));
      }
      String mark = "slow-" + System.nanoTime();
      List<Long> delays = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        addTrigger(mark + i);
        long answered = System.nanoTime();
        while (!awake.next().data().contains(mark + i)) {
          // heartbeats of others
        }
        delays.add(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - answered));
      }
      delays.sort(null);
      System.out.printf("stream beside 150 sleeping readers, ms after the answer: %s%n", delays);
      assertThat(get("/api/overview").statusCode()).isEqualTo(200);
    } finally {
      for (Stream each : asleep) {
        each.close();
      }
    }
  }

  /** What the platform answers to bytes that no client library would send. */
  private static String raw(String request) throws Exception {
    URI address = platform.address();
    try (Socket socket = new Socket(address.getHost(), address.getPort())) {
      socket.setSoTimeout((int) PATIENCE.toMillis());
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /api/%zz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n",
        "GET /api/../q/metrics HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n",
        "GET //api//models HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n",
        "GET /ui/..%2f..%2fapi/models HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n",
        "GET /ui/../api/models HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n",
        "POST /api/triggers HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: x\r\nConnection: close\r\n\r\n",
        "NONSENSE\r\n\r\n"
      })
  void noSpellingOfAPathGetsAroundTheToken(String request) throws Exception {
    assertThat(raw(request)).startsWith("HTTP/1.").doesNotContain("\"items\"", "jvm_", "\tat ");
    assertThat(raw(request).substring(9, 10)).isEqualTo("4");
    assertThat(get("/api/models").statusCode()).isEqualTo(200);
  }
}
