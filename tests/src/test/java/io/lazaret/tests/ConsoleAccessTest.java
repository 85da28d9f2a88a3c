package io.lazaret.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.lazaret.access.Role;
import io.lazaret.access.SigningKey;
import io.lazaret.access.Tokens;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may ask the interface for what, over real HTTP. */
class ConsoleAccessTest {

  private static final ConsoleUnderTest CONSOLE = ConsoleUnderTest.shared();

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
    HttpResponse<String> answer = CONSOLE.send(CONSOLE.request(path));
    ConsoleUnderTest.assertProblem(answer, 401);
    assertThat(answer.headers().firstValue("WWW-Authenticate")).contains("Bearer");
  }

  @Test
  void thePageAndHealthNeedNoToken() throws Exception {
    HttpResponse<String> page = CONSOLE.send(CONSOLE.request("/"));
    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(page.headers().firstValue("Content-Security-Policy").orElse(""))
        .contains("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'")
        .doesNotContain("unsafe");
    assertThat(page.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
    assertThat(page.headers().firstValue("Access-Control-Allow-Origin")).isEmpty();
    assertThat(CONSOLE.send(CONSOLE.request("/q/health/live")).statusCode()).isEqualTo(200);
  }

  @Test
  void forgedAndExpiredTokensAreRefused() throws Exception {
    String good = CONSOLE.token("ada", Role.ADMIN);
    Tokens others = new Tokens(SigningKey.readOrCreate(CONSOLE.data().resolve("other.key")));
    String forged = others.issue("ada", Set.of(Role.ADMIN), Instant.now(), Duration.ofHours(1));
    String expired =
        CONSOLE.tokens().issue("ada", Set.of(Role.ADMIN), Instant.now(), Duration.ofSeconds(-1));
    String once =
        CONSOLE.tokens().issueOnce("ada", Set.of(Role.ADMIN), Instant.now(), Duration.ofHours(1));
    for (String bad : List.of(forged, expired, once, good + "x", "x", "a.b.c")) {
      ConsoleUnderTest.assertProblem(
          CONSOLE.send(CONSOLE.request("/api/models").header("Authorization", "Bearer " + bad)),
          401);
    }
    ConsoleUnderTest.assertProblem(
        CONSOLE.send(CONSOLE.request("/api/models").header("Authorization", "Basic YTpi")), 401);
    assertThat(CONSOLE.get("/api/models").statusCode()).isEqualTo(200);
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
    ConsoleUnderTest.assertProblem(CONSOLE.post("ada", role, path, "{}"), 403);
  }

  @Test
  void theAuditIsForAdminsAndKnowsWhoAskedWithWhatEnd() throws Exception {
    ConsoleUnderTest.assertProblem(CONSOLE.get("/api/audit"), 403);
    String name = "auditor-" + System.nanoTime();
    ConsoleUnderTest.assertProblem(CONSOLE.post(name, Role.VIEWER, "/api/triggers", "{}"), 403);
    await()
        .atMost(ConsoleUnderTest.PATIENCE)
        .untilAsserted(
            () -> {
              JsonNode items =
                  ConsoleUnderTest.JSON
                      .readTree(CONSOLE.send(CONSOLE.as("ada", Role.ADMIN, "/api/audit")).body())
                      .path("items");
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
    String once =
        CONSOLE.tokens().issueOnce("ada", Set.of(Role.ADMIN), Instant.now(), Duration.ofMinutes(1));
    String body = ConsoleUnderTest.JSON.createObjectNode().put("token", once).toString();
    HttpRequest.Builder opening =
        CONSOLE
            .request("/api/session")
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body));
    HttpResponse<String> opened = CONSOLE.send(opening);
    assertThat(opened.statusCode()).as(opened.body()).isEqualTo(200);
    String cookie = opened.headers().firstValue("Set-Cookie").orElseThrow();
    assertThat(cookie).contains("HttpOnly", "SameSite=Strict");
    ConsoleUnderTest.assertProblem(CONSOLE.send(opening), 401);

    String value = cookie.split(";")[0];
    HttpResponse<String> session =
        CONSOLE.send(CONSOLE.request("/api/session").header("Cookie", value));
    assertThat(ConsoleUnderTest.JSON.readTree(session.body()).path("actor").asText())
        .isEqualTo("ada");
    String trigger = "{\"trigger\":\"c\",\"target\":\"d\",\"reason\":\"seen\"}";
    HttpRequest.Builder foreign =
        CONSOLE
            .request("/api/triggers")
            .header("Cookie", value)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(trigger));
    ConsoleUnderTest.assertProblem(CONSOLE.send(foreign), 403);
    ConsoleUnderTest.assertProblem(
        CONSOLE.send(
            foreign.header("X-Requested-With", "lazaret").header("Origin", "http://evil.test")),
        403);
    ConsoleUnderTest.assertProblem(
        CONSOLE.send(CONSOLE.request("/api/models").header("Cookie", value + "x")), 401);
  }

  @Test
  void anotherNameForThisMachineIsNotAnswered() throws Exception {
    assertThat(
            CONSOLE.raw("GET /api/models HTTP/1.1\r\nHost: evil.test\r\nConnection: close\r\n\r\n"))
        .startsWith("HTTP/1.1 421");
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
    assertThat(CONSOLE.raw(request))
        .startsWith("HTTP/1.")
        .doesNotContain("\"items\"", "jvm_", "\tat ");
    assertThat(CONSOLE.raw(request).substring(9, 10)).isEqualTo("4");
    assertThat(CONSOLE.get("/api/models").statusCode()).isEqualTo(200);
  }
}
