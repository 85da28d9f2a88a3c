package io.lazaret.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.lazaret.access.Role;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Requests of persons, documents and their versions. */
class ConsoleRequestsTest {

  private static final ConsoleUnderTest CONSOLE = ConsoleUnderTest.shared();

  @Test
  void theTokenSaysWhoAskedAndNotTheRequest() throws Exception {
    HttpResponse<String> answer =
        CONSOLE.post(
            "olga",
            Role.OPERATOR,
            "/api/triggers",
            "{\"actor\":\"eve\",\"trigger\":\"who\",\"target\":\"asks\",\"reason\":\"seen\"}");
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    JsonNode record = ConsoleUnderTest.JSON.readTree(answer.body()).path("record");
    assertThat(record.path("actor").asText()).isEqualTo("olga");
    ConsoleUnderTest.assertProblem(
        CONSOLE.post(
            "olga",
            Role.OPERATOR,
            "/api/triggers",
            "{\"trigger\":\"who\",\"target\":\"asks\",\"reason\":\"again\"}"),
        409);
    assertThat(listed("who")).isEqualTo(List.of("known"));
    String withdrawal =
        "{\"triggerId\":\"%s\",\"reason\":\"wrong\"}".formatted(record.path("triggerId").asText());
    HttpResponse<String> withdrawn =
        CONSOLE.post("olga", Role.OPERATOR, "/api/triggers/withdrawals", withdrawal);
    assertThat(withdrawn.statusCode()).as(withdrawn.body()).isEqualTo(200);
    assertThat(listed("who")).isEqualTo(List.of("withdrawn"));
  }

  /** What the list says of a trigger, once for each time that it names it. */
  private static List<String> listed(String trigger) throws Exception {
    List<String> all = new ArrayList<>();
    String next = "";
    while (next != null) {
      JsonNode page =
          ConsoleUnderTest.JSON.readTree(
              CONSOLE.get("/api/triggers?limit=1&cursor=" + next).body());
      for (JsonNode item : page.path("items")) {
        if (item.path("trigger").asText().equals(trigger)) {
          all.add(item.path("withdrawn").asBoolean() ? "withdrawn" : "known");
        }
      }
      next = page.path("next").textValue();
    }
    return all;
  }

  @Test
  void aRequestThatWasMadeOfAnotherStateIsRefused() throws Exception {
    String id = CONSOLE.outside().ingest("stale", "sha256:" + "0".repeat(64), "{}");
    await()
        .atMost(ConsoleUnderTest.PATIENCE)
        .until(() -> CONSOLE.get("/api/screenings/" + id).statusCode() == 200);
    HttpResponse<String> page = CONSOLE.get("/api/screenings/" + id);
    String tag = page.headers().firstValue("ETag").orElseThrow();
    String body = "{\"screening\":\"" + id + "\",\"reason\":\"to look at\"}";
    HttpRequest.Builder hold =
        CONSOLE
            .as("olga", Role.OPERATOR, "/api/releases/holds")
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body));
    ConsoleUnderTest.assertProblem(CONSOLE.send(hold.copy().header("If-Match", "\"7\"")), 412);
    ConsoleUnderTest.assertProblem(CONSOLE.send(hold.copy().header("If-Match", "never")), 400);
    HttpResponse<String> held = CONSOLE.send(hold.copy().header("If-Match", tag));
    assertThat(held.statusCode()).as(held.body()).isEqualTo(200);
    assertThat(ConsoleUnderTest.JSON.readTree(held.body()).path("record").path("actor").asText())
        .isEqualTo("olga");
    ConsoleUnderTest.assertProblem(CONSOLE.send(hold.copy().header("If-Match", tag)), 412);
    ConsoleUnderTest.assertProblem(CONSOLE.send(hold), 409);
    ConsoleUnderTest.assertProblem(
        CONSOLE.post("ada", Role.APPROVER, "/api/releases/approvals", body), 409);
    ConsoleUnderTest.assertProblem(
        CONSOLE.post("ada", Role.APPROVER, "/api/releases/rejections", body), 409);
    assertThat(CONSOLE.get("/api/approvals").body())
        .contains("\"decision\":\"HELD\"", "olga", "\"givenAt\":\"2");
    assertThat(CONSOLE.get("/api/models/stale/timeline").body()).contains("ReleaseHeld");
    assertThat(CONSOLE.get("/api/screenings?state=DETECTION").body()).contains(id);
    assertThat(CONSOLE.get("/api/overview").body()).contains(id);
  }

  @Test
  void whatIsKnownIsNotSentAgain() throws Exception {
    HttpResponse<String> first = CONSOLE.get("/api/policies");
    String tag = first.headers().firstValue("ETag").orElseThrow();
    HttpResponse<String> second =
        CONSOLE.send(CONSOLE.as("vera", Role.VIEWER, "/api/policies").header("If-None-Match", tag));
    assertThat(second.statusCode()).isEqualTo(304);
    assertThat(second.body()).isEmpty();
  }

  @Test
  void everyPathIsDescribed() throws Exception {
    HttpResponse<String> answer = CONSOLE.get("/q/openapi?format=json");
    assertThat(answer.statusCode()).isEqualTo(200);
    JsonNode paths = ConsoleUnderTest.JSON.readTree(answer.body()).path("paths");
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
}
