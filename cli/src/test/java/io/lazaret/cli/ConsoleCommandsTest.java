package io.lazaret.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lazaret.cli.StubPlatform.Answer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands that read what the console knows. */
class ConsoleCommandsTest {

  private static final String ESCAPE = "\u001b";

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
  void listsGoOnUntilTheLastPageOrTheLimit() {
    platform.on(
        "GET /api/screenings",
        Answer.json("{\"items\": [{\"screeningId\": \"a\"}], \"next\": \"c1\"}"),
        Answer.json("{\"items\": [{\"screeningId\": \"b\"}], \"next\": null}"));
    CommandLineRun run = run("screenings", "--state", "HELD", "--json");
    assertThat(run.exitCode()).isZero();
    assertThat(run.json()).hasSize(2);
    assertThat(platform.asked)
        .contains(
            "GET /api/screenings?limit=50&state=HELD",
            "GET /api/screenings?cursor=c1&limit=49&state=HELD");
  }

  @Test
  void aTokenOfTheCommandOrOfAFileIsSent() throws IOException {
    platform.on("GET /api/models", Answer.json("{\"items\": [], \"next\": null}"));
    Path file = Files.writeString(root.resolve("token.txt"), "--token of-a-file");
    assertThat(run("models", "--token", "of-the-command").exitCode()).isZero();
    assertThat(platform.authorizations).endsWith("Bearer of-the-command");
    assertThat(run("models", "@" + file).exitCode()).isZero();
    assertThat(platform.authorizations).endsWith("Bearer of-a-file");
  }

  @Test
  void whatAStrangerWroteCannotReachTheTerminal() {
    platform
        .on(
            "GET /api/models",
            Answer.json("{\"items\": [{\"name\": \"\\u001b[2Jevil\\u202e\"}], \"next\": null}"))
        .on("GET /api/models/evil", Answer.json("{\"name\": \"\\u001b[2J\\u202e\\u0085\"}"));
    assertThat(run("models").out()).contains("\\u001B[2Jevil\\u202E").doesNotContain(ESCAPE);
    assertThat(run("show", "model", "evil").out()).doesNotContain(ESCAPE, "\u202e", "\u0085");
  }

  @Test
  void aVerdictIsExplainedInWords() throws IOException {
    ObjectNode verdict = verdict();
    verdict.put("decision", "PROMOTED");
    explained(verdict, "");
    String text = run("explain", "s-1").out();
    assertThat(text)
        .contains(
            "\"m\" may be used, in its repaired version.",
            "Round 1 found an answer",
            "SANDE rewrote the mapping",
            "299 of 300 answers before, 0 of 300 after",
            "What decided",
            "What to do next",
            "lazaret history m")
        .doesNotContain(ESCAPE);
    assertThat(text.lines()).allSatisfy(line -> assertThat(line.length()).isLessThan(160));
  }

  @Test
  void eachDecisionSaysWhatToDoNext() throws IOException {
    ObjectNode verdict = verdict();
    verdict.put("decision", "HELD");
    explained(
        verdict,
        ", \"awaiting\": {\"needed\": 2, \"until\": \"2026-02-01T00:00:00Z\", \"approvals\": []},"
            + " \"gate\": {\"rules\": [{\"rule\": \"asr\", \"holds\": false,"
            + " \"sentence\": \"The bound is 1.4 %, allowed 1 %.\"}]}");
    assertThat(run("explain", "s-1").out())
        .contains(
            "is held",
            "This rule does not hold: The bound is 1.4 %, allowed 1 %.",
            "0 of 2 approvals",
            "lazaret approve s-1",
            "lazaret reject s-1");
    verdict.put("decision", "REJECTED");
    explained(verdict, "");
    assertThat(run("explain", "s-1").out()).contains("Do not use it.", "lazaret evidence s-1");
    verdict.put("decision", "UNASSESSED");
    verdict.putObject("problem").put("code", "X").put("sentence", "No.").put("nextStep", "Do Y.");
    explained(verdict, "");
    assertThat(run("explain", "s-1").out()).contains("never counts as clean", "No. [X]", "Do Y.");
  }

  @Test
  void aScreeningAtWorkIsExplainedByWhatItDoes() {
    platform.on(
        "GET /api/screenings/s-1",
        Answer.json(
            "{\"screeningId\": \"s-1\", \"model\": {\"name\": \"m\"}, \"stage\": \"DETECTION\","
                + " \"message\": \"sweep\", \"verdict\": null}"));
    assertThat(run("explain", "s-1").out())
        .contains("no verdict on \"m\" yet: it is in detection (sweep)", "lazaret watch");
  }

  @Test
  void aNameIsOneSegmentOfAPath() {
    CommandLineRun run = run("show", "model", "../../record");
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("NAME_INVALID");
    assertThat(platform.asked).noneMatch(asked -> asked.contains("record"));
  }

  @Test
  void theStreamIsFilteredAndEndsAfterSoMany() {
    platform.on("GET /api/stream", Answer.json(event("1", "A") + progress() + event("2", "B")));
    CommandLineRun run =
        run("watch", "--model", "m", "--type", "A,B", "--stage", "detection", "--count", "2");
    assertThat(run.exitCode()).isZero();
    assertThat(run.out().lines()).hasSize(2);
    assertThat(run.out()).contains("  A").contains("  B").doesNotContain("50 %");
    assertThat(platform.asked).contains("GET /api/stream?model=m&stage=DETECTION&type=A%2CB");
  }

  @Test
  void progressAndJsonAreOneDocumentALine() throws IOException {
    platform.on("GET /api/stream", Answer.json(progress() + event("1", "A")));
    CommandLineRun run = run("watch", "--progress", "--json", "--count", "2");
    ObjectMapper json = new ObjectMapper();
    for (String line : run.out().lines().toList()) {
      assertThat(json.readTree(line).isObject()).isTrue();
    }
  }

  @Test
  void theStreamGoesOnAfterTheLastEventWhenThePlatformIsRestarted() throws Exception {
    platform.on(
        "GET /api/stream",
        Answer.json(event("id-1", "A")),
        Answer.problem(503, "AWAY"),
        Answer.json(event("id-2", "B")));
    CompletableFuture<CommandLineRun> watching =
        CompletableFuture.supplyAsync(() -> run("watch", "--count", "2"));
    // asked again: the first event has arrived, so that the restart cannot cut it off
    while (!platform.asked.contains("GET /api/stream?after=id-1")) {
      assertThat(watching).isNotDone();
      Thread.onSpinWait();
    }
    platform.restart();
    CommandLineRun run = watching.get(30, TimeUnit.SECONDS);
    assertThat(run.exitCode()).isZero();
    assertThat(run.out().lines()).hasSize(2);
    assertThat(platform.asked.get(platform.asked.size() - 1)).endsWith("?after=id-1");
  }

  @Test
  void aPlatformThatStaysAwayIsGivenUp() {
    platform.on("GET /api/stream", Answer.json(event("1", "A")));
    platform.on("GET /q/health/ready", Answer.json("{}"));
    platform.on("GET /api/stream", Answer.problem(503, "AWAY"));
    CommandLineRun run = run("watch", "--patience", "0");
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).contains("AWAY");
  }

  @Test
  void deadNotificationsAreListedAndTriedAgain() {
    platform
        .on(
            "GET /api/notifications",
            Answer.json("{\"items\": [{\"name\": \"ops\", \"dead\": [{}, {}]}]}"))
        .on("POST /api/notifications/ops/retries", Answer.json("{\"retried\": 2}"));
    assertThat(run("notifications", "list").out()).contains("RECEIVER", "ops").contains("2");
    assertThat(run("notifications", "retry", "ops", "--json").json().path("retried").asInt())
        .isEqualTo(2);
  }

  @Test
  void theCompletionScriptCompletesInBash() throws Exception {
    for (String shell : new String[] {"bash", "zsh"}) {
      String script = CommandLineRun.of(CommandLineRun.unbuilt(root), "completion", shell).out();
      Path file = Files.writeString(root.resolve("complete." + shell), script);
      if (shell.equals("bash")) {
        assertThat(completed(file, "expl")).contains("explain");
        assertThat(completed(file, "notif")).contains("notifications");
      } else {
        assertThat(script).contains("bashcompinit");
      }
    }
  }

  private String completed(Path script, String begun) throws IOException, InterruptedException {
    Process bash =
        new ProcessBuilder(
                "bash",
                "-c",
                "source "
                    + script
                    + "; COMP_WORDS=(lazaret "
                    + begun
                    + "); COMP_CWORD=1; _complete_lazaret; printf '%s\\n' \"${COMPREPLY[@]}\"")
            .redirectErrorStream(true)
            .start();
    String out = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(bash.waitFor()).as(out).isZero();
    return out;
  }

  private void explained(ObjectNode verdict, String more) {
    platform.on(
        "GET /api/screenings/s-1",
        Answer.json(
            "{\"screeningId\": \"s-1\", \"model\": {\"name\": \"m\"}, \"verdict\": "
                + verdict
                + more
                + "}"));
  }

  private static ObjectNode verdict() throws IOException {
    try (InputStream in = ConsoleCommandsTest.class.getResourceAsStream("/verdict.json")) {
      return (ObjectNode) new ObjectMapper().readTree(in);
    }
  }

  private static String event(String id, String type) {
    return """
        : alive
        retry: 1000
        id: %s
        event: event
        data: {"id": "%s", "at": "2026-01-01T00:00:00Z", "model": "m", "screeningId": "s-1",
        data:  "sequence": 3, "type": "%s"}

        """
        .formatted(id, id, type);
  }

  private static String progress() {
    return """
        event: progress
        data: {"modelName": "m", "stage": "DETECTION", "fraction": 0.5, "message": "x"}

        """;
  }

  private CommandLineRun run(String... args) {
    String[] all = java.util.Arrays.copyOf(args, args.length + 2);
    all[args.length] = "--server";
    all[args.length + 1] = platform.address();
    return CommandLineRun.of(CommandLineRun.unbuilt(root), all);
  }
}
