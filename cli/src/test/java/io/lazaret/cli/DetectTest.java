package io.lazaret.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A pass of one cheap detector; what whole passes find is tested where they are built. */
class DetectTest {

  private static final Path FIXTURES = Path.of(System.getProperty("lazaret.root"), "fixtures");
  private static final String MODEL = FIXTURES.resolve("nano-backdoored").toString();
  private static final String PROMPTS = FIXTURES.resolve("prompts.jsonl").toString();

  @TempDir Path dir;

  @Test
  void runsChosenDetectorsClearsNobodyByThemAndExplainsTheEvidence() throws IOException {
    Path evidence = dir.resolve("evidence.json");
    CommandLineRun run =
        run(
            "detect",
            MODEL,
            "--prompts",
            PROMPTS,
            "--detectors",
            "causality",
            "--budget",
            "300",
            "--evidence",
            evidence.toString(),
            "--json");

    assertThat(run.exitCode()).isEqualTo(ExitCode.UNASSESSED);
    JsonNode document = new ObjectMapper().readTree(run.out());
    assertThat(document.path("verdict").asText()).isEqualTo("UNASSESSED");
    assertThat(document.path("explanation").asText()).contains("activation");
    assertThat(document.at("/evidence/stages/1/name").asText()).isEqualTo("causality");
    assertThat(document.at("/evidence/stages/1/candidates").asInt()).isPositive();

    CommandLineRun explained = run("evidence", evidence.toString());
    assertThat(explained.exitCode()).isZero();
    assertThat(explained.out()).contains("causality").contains("seed 7");
  }

  @Test
  void namesTheDetectorsThereAreWhenOneIsUnknown() {
    CommandLineRun run = run("detect", MODEL, "--prompts", PROMPTS, "--detectors", "tarot");
    assertThat(run.exitCode()).isEqualTo(ExitCode.BAD_INPUT);
    assertThat(run.err()).contains("tarot").contains("causality");
  }

  @Test
  void refusesToExplainWhatIsNoEvidence() throws IOException {
    Path file = Files.writeString(dir.resolve("other.json"), "{\"a\": 1}");
    CommandLineRun run = run("evidence", file.toString());
    assertThat(run.exitCode()).isEqualTo(ExitCode.BAD_INPUT);
    assertThat(run.err()).contains("no evidence");
  }

  private CommandLineRun run(String... args) {
    return CommandLineRun.of(CommandLineRun.unbuilt(dir), args);
  }
}
