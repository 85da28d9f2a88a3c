package io.lazaret.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.lazaret.access.Role;
import java.io.InputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the interface answers to what nobody should send. */
class ConsoleBadInputTest {

  private static final ConsoleUnderTest CONSOLE = ConsoleUnderTest.shared();

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
    ConsoleUnderTest.assertProblem(CONSOLE.get(path), 400);
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
    ConsoleUnderTest.assertProblem(CONSOLE.get(path), 404);
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
    ConsoleUnderTest.assertProblem(CONSOLE.post("ada", Role.ADMIN, path, body), status);
  }

  @Test
  void bodiesAreBounded() throws Exception {
    ConsoleUnderTest.assertProblem(
        CONSOLE.post(
            "ada", Role.ADMIN, "/api/triggers", "{\"trigger\":\"" + "x".repeat(2 << 20) + "\"}"),
        413);
    HttpRequest.Builder endless =
        CONSOLE
            .as("ada", Role.ADMIN, "/api/triggers")
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofInputStream(() -> InputStream.nullInputStream()));
    ConsoleUnderTest.assertProblem(CONSOLE.send(endless), 411);
    HttpRequest.Builder form =
        CONSOLE
            .as("ada", Role.ADMIN, "/api/triggers")
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(BodyPublishers.ofString("trigger=x"));
    ConsoleUnderTest.assertProblem(CONSOLE.send(form), 415);
    assertThat(CONSOLE.get("/api/models").statusCode()).isEqualTo(200);
  }
}
