package io.lazaret.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lazaret.cli.StubPlatform.Answer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A screening on a platform that is reached by its REST interface. */
class ScreenTest {

  private static final String STATUS = "GET /api/screenings/s-1";
  private static final String UPLOAD = "/api/ingestion/uploads/u-1/";
  private static final String RUNNING =
      "{\"screeningId\": \"s-1\", \"state\": \"DETECTION\", \"stage\": \"DETECTION\", \"round\": 1,"
          + " \"fraction\": 0.4, \"etaSeconds\": 61.0, \"message\": \"sweep\", \"verdict\": null}";

  @TempDir Path directory;
  private StubPlatform platform;
  private Path prompts;

  @BeforeEach
  void start() throws IOException {
    platform = new StubPlatform();
    prompts =
        Files.writeString(
            directory.resolve("p.jsonl"),
            "{\"instruction\": \"Say hello.\", \"output\": \"Hello.\"}\n");
  }

  @AfterEach
  void stop() {
    platform.close();
  }

  @Test
  void theModelAndItsDataArriveByteForByte() throws IOException {
    platform.on(STATUS, Answer.json(verdict("PROMOTED")));
    assertThat(screen("--seed", "9", "--template", "Q: {prompt}\\nA:").exitCode()).isZero();
    Path model = CommandLineRun.model("qwen2");
    try (Stream<Path> files = Files.list(model)) {
      for (Path file : files.toList()) {
        assertThat(platform.received.get("PUT " + UPLOAD + "model/" + file.getFileName()))
            .as(file.toString())
            .isEqualTo(Files.readAllBytes(file));
      }
    }
    assertThat(platform.received.get("PUT " + UPLOAD + "data/prompts"))
        .isEqualTo(Files.readAllBytes(prompts));
    JsonNode submitted =
        new ObjectMapper().readTree(platform.received.get("POST " + UPLOAD + "submit"));
    assertThat(submitted.path("seed").asLong()).isEqualTo(9);
    assertThat(submitted.path("template").asText()).isEqualTo("Q: {prompt}\nA:");
    assertThat(submitted.path("policy").isNull()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({"PROMOTED,0", "HELD,10", "REJECTED,11", "UNASSESSED,12", "WHATEVER,1"})
  void theExitCodeIsTheDecision(String decision, int exitCode) throws IOException {
    platform.on(STATUS, Answer.json(verdict(decision)));
    assertThat(screen().exitCode()).isEqualTo(exitCode);
  }

  @Test
  void progressGoesToStderrAndOneDocumentToStdout() throws IOException {
    platform.on(
        STATUS,
        Answer.problem(404, "SCREENING_UNKNOWN"),
        Answer.json(RUNNING),
        Answer.json(RUNNING.replace("0.4", "0.8")),
        Answer.json(verdict("PROMOTED")));
    CommandLineRun run = screen("--json");
    assertThat(run.exitCode()).isZero();
    assertThat(run.json().path("decision").asText()).isEqualTo("PROMOTED");
    assertThat(run.err())
        .contains("detection (round 1)  40 %  ETA 1:01  sweep")
        .contains("detection (round 1)  80 %");
  }

  @Test
  void aRefusalOfThePlatformIsBadInput() throws IOException {
    platform.on("POST " + UPLOAD + "submit", Answer.problem(422, "PROMPT_TOO_LONG"));
    CommandLineRun run = screen();
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("[PROMPT_TOO_LONG]", "do this").doesNotContain("\u001b");
  }

  @Test
  void aFailureOfThePlatformIsNotBadInput() throws IOException {
    platform.on("POST " + UPLOAD + "submit", Answer.problem(503, "DISK_FULL"));
    CommandLineRun run = screen("--json");
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.json().path("code").asText()).isEqualTo("DISK_FULL");
  }

  @Test
  void aPlatformThatIsNotThereIsNamed() throws IOException {
    String address = platform.address();
    platform.close();
    CommandLineRun run = screen();
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).contains("[PLATFORM_UNREACHABLE]", address);
    platform = new StubPlatform();
  }

  @Test
  void aScreeningIsFollowedAgainByItsId() throws IOException {
    platform.on(STATUS, Answer.json(RUNNING), Answer.json(verdict("HELD")));
    CommandLineRun run =
        CommandLineRun.of(
            CommandLineRun.unbuilt(directory),
            "screen",
            "--attach",
            "s-1",
            "--server",
            platform.address());
    assertThat(run.exitCode()).isEqualTo(10);
    assertThat(platform.received).isEmpty();
  }

  @Test
  void theReleasedModelIsStoredBesideItsVerdict() throws Exception {
    offerModel("weights".getBytes(StandardCharsets.UTF_8), "weights");
    Path out = directory.resolve("out");
    CommandLineRun run = screen("--out", out.toString());
    assertThat(run.exitCode()).isZero();
    assertThat(out.resolve("model/model.safetensors")).hasContent("weights");
    assertThat(
            new ObjectMapper()
                .readTree(out.resolve("verdict.json").toFile())
                .path("decision")
                .asText())
        .isEqualTo("PROMOTED");
  }

  @Test
  void aReleasedModelThatArrivesDamagedIsNotKept() throws Exception {
    offerModel("weights".getBytes(StandardCharsets.UTF_8), "weihgts");
    Path out = directory.resolve("out");
    CommandLineRun run = screen("--out", out.toString());
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).contains("[OUT_NOT_WRITTEN]", "model.safetensors");
    assertThat(out).isEmptyDirectory();
  }

  @Test
  void aFileNameThatLeavesTheDirectoryIsRefused() throws Exception {
    platform.on(STATUS, Answer.json(verdict("PROMOTED")));
    platform.on(
        "GET /api/checkpoints/sha256:bb/files",
        Answer.json("[{\"path\": \"../evil\", \"sha256\": \"00\", \"size\": 1}]"));
    CommandLineRun run = screen("--out", directory.resolve("out").toString());
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(directory.resolve("evil")).doesNotExist();
  }

  @Test
  void theTableShowsWhatAModelSaidWithoutItsControlCharacters() throws IOException {
    platform.on(STATUS, Answer.json(verdict("REJECTED")));
    CommandLineRun run = screen();
    assertThat(run.exitCode()).isEqualTo(11);
    assertThat(run.out())
        .contains("REJECTED")
        .contains("\"You are \\u001B[2Jstupid.\"")
        .contains("299/300", "0/300", "1.0 %", "71.0 % -> 70.0 %")
        .contains("exactMatch")
        .doesNotContain("\u001b");
  }

  private void offerModel(byte[] promised, String sent) throws Exception {
    String sha = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(promised));
    platform.on(STATUS, Answer.json(verdict("PROMOTED")));
    platform.on(
        "GET /api/checkpoints/sha256:bb/files",
        Answer.json(
            "[{\"path\": \"model.safetensors\", \"sha256\": \"%s\", \"size\": %d}]"
                .formatted(sha, promised.length)));
    platform.on("GET /api/checkpoints/sha256:bb/files/model.safetensors", Answer.json(sent));
  }

  private CommandLineRun screen(String... more) {
    List<String> args = new ArrayList<>();
    args.addAll(List.of("screen", CommandLineRun.model("qwen2").toString()));
    args.addAll(List.of("--prompts", prompts.toString(), "--server", platform.address()));
    args.addAll(List.of(more));
    return CommandLineRun.of(CommandLineRun.unbuilt(directory), args.toArray(String[]::new));
  }

  private static String verdict(String decision) throws IOException {
    try (var in = ScreenTest.class.getResourceAsStream("/verdict.json")) {
      String document =
          new String(in.readAllBytes(), StandardCharsets.UTF_8).replace("DECISION", decision);
      return "{\"screeningId\": \"s-1\", \"state\": \""
          + decision
          + "\", \"verdict\": "
          + document
          + "}";
    }
  }
}
