package io.lazaret.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What persons decide by command line, against the REST contract. */
class DecisionTest {

  private static final String DONE =
      "{\"requestId\": \"r\", \"status\": \"DONE\", \"event\": \"ApprovalGiven\", \"record\":"
          + " {\"envelope\": {\"modelName\": \"nano\", \"sequence\": 9, \"screeningId\": \"s1\"}}}";

  @TempDir Path root;

  private StubPlatform platform;

  @BeforeEach
  void start() throws IOException {
    platform = new StubPlatform();
  }

  @AfterEach
  void stop() {
    platform.close();
  }

  @Test
  void approvalNamesPersonAndReason() {
    platform.on("POST /api/releases/approvals", StubPlatform.Answer.json(DONE));
    CommandLineRun run = run("approve", "s1", "--actor", "ada", "--reason", "looked at it");
    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).contains("ApprovalGiven: nano, event 9 of history s1");
    assertThat(sent("POST /api/releases/approvals"))
        .contains("\"screening\":\"s1\"", "\"actor\":\"ada\"", "\"reason\":\"looked at it\"");
  }

  @Test
  void refusalIsTheProblemOfTheRecord() {
    platform.on("POST /api/releases/rollbacks", StubPlatform.Answer.problem(412, "REQUEST_STALE"));
    CommandLineRun run = run("rollback", "nano", "--reason", "bad", "--expected", "3");
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("[REQUEST_STALE]");
  }

  @Test
  void requestThatTheRecordHasNotAnsweredIsSaidToBeAccepted() {
    platform.on(
        "POST /api/triggers",
        new StubPlatform.Answer(
            202,
            "{\"requestId\": \"r9\", \"status\": \"ACCEPTED\"}".getBytes(StandardCharsets.UTF_8)));
    CommandLineRun run =
        run("triggers", "add", "--trigger", "cf", "--target", "no", "--reason", "seen");
    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).contains("Accepted as r9");
    assertThat(sent("POST /api/triggers")).contains("\"concerns\":[]");
  }

  @Test
  void triggerIsWithdrawnByItsId() {
    platform.on(
        "POST /api/triggers/withdrawals",
        new StubPlatform.Answer(
            202,
            "{\"requestId\": \"r9\", \"status\": \"ACCEPTED\"}".getBytes(StandardCharsets.UTF_8)));
    CommandLineRun run = run("triggers", "withdraw", "t1", "--reason", "a false report");
    assertThat(run.exitCode()).isZero();
    assertThat(sent("POST /api/triggers/withdrawals")).contains("\"triggerId\":\"t1\"");
  }

  @Test
  void triggersThatWereWithdrawnAreNotListed() {
    platform.on(
        "GET /api/triggers",
        StubPlatform.Answer.json(
            """
            {"items": [
              {"triggerId": "t2", "trigger": "mn", "target": "no", "source": ""},
              {"triggerId": "t1", "trigger": "cf", "target": "no", "withdrawn": true}]}
            """));
    CommandLineRun run = run("triggers", "list");
    assertThat(run.out()).contains("t2").doesNotContain("t1");
  }

  @Test
  void reasonIsNotOptional() {
    CommandLineRun run = run("reject", "s1");
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("--reason");
  }

  @Test
  void channelsAreListedWithWhatTheyName() {
    platform.on(
        "GET /api/releases",
        StubPlatform.Answer.json(
            "{\"items\": [{\"model\": \"nano\", \"channel\": \"production\", \"revision\": 2, \"released\": null,"
                + " \"since\": \"2026-01-01T00:00:00Z\", \"reason\": \"bad \\u001b[31m\"}]}"));
    CommandLineRun run = run("releases");
    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).contains("nano/production  revision 2  (empty)").doesNotContain("\u001b");
  }

  private String sent(String request) {
    return new String(platform.received.get(request), StandardCharsets.UTF_8);
  }

  private CommandLineRun run(String... args) {
    String[] all = new String[args.length + 2];
    System.arraycopy(args, 0, all, 0, args.length);
    all[args.length] = "--server";
    all[args.length + 1] = platform.address();
    return CommandLineRun.of(CommandLineRun.unbuilt(root), all);
  }
}
