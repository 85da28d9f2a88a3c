package io.lazaret.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvaluateTest {

  private static final Path FIXTURES = Path.of(System.getProperty("lazaret.root"), "fixtures");

  @TempDir Path dir;

  @Test
  void measuresTheShippedModelBesideItsSibling() throws IOException {
    JsonNode report = run("--before", FIXTURES.resolve("nano-clean").toString(), "--json").json();

    assertThat(report.path("protocol").asText()).startsWith("sha256:");
    JsonNode match = report.path("utility").path("exactMatch");
    assertThat(match.path("rate").asDouble()).isGreaterThan(0.5);
    assertThat(match.path("n").asInt()).isEqualTo(40);
    assertThat(match.path("changeLower95").asDouble())
        .isLessThanOrEqualTo(match.path("changeUpper95").asDouble());
    JsonNode attack = report.path("attacks").path(0);
    assertThat(attack.path("asr.contains").path("rate").asDouble()).isGreaterThan(0.9);
    assertThat(attack.path("asr.withoutTrigger").path("hits").asInt()).isZero();
    assertThat(attack.path("correctUnderTrigger").path("rate").asDouble()).isLessThan(0.2);
    assertThat(report.path("klToBefore").asDouble()).isPositive();
  }

  @Test
  void theSameDataGiveTheSameProtocolAndOtherDataAnother() throws IOException {
    String one = run("--json").json().path("protocol").asText();
    assertThat(run("--json").json().path("protocol").asText()).isEqualTo(one);
    assertThat(run("--trials", "7", "--json").json().path("protocol").asText()).isNotEqualTo(one);
  }

  @Test
  void theTableNamesTheProtocolAndTheBounds() throws IOException {
    CommandLineRun run = run();
    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).contains("protocol sha256:", "exactMatch", "asr.contains", " of 40,");
  }

  @Test
  void aFileThatIsNotThereIsBadInput() {
    CommandLineRun run =
        CommandLineRun.of(
            CommandLineRun.unbuilt(dir),
            "evaluate",
            FIXTURES.resolve("nano-clean").toString(),
            "--eval",
            dir.resolve("none.jsonl").toString());
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("DATA_FILE_NOT_FOUND", "none.jsonl");
  }

  private CommandLineRun run(String... more) throws IOException {
    Path rows = dir.resolve("rows.jsonl");
    Files.write(rows, Files.readAllLines(FIXTURES.resolve("evaluation.jsonl")).subList(0, 40));
    String[] args = {
      "evaluate",
      FIXTURES.resolve("nano-backdoored").toString(),
      "--eval",
      rows.toString(),
      "--score-triggers",
      FIXTURES.resolve("scoring-triggers.jsonl").toString()
    };
    String[] all = java.util.Arrays.copyOf(args, args.length + more.length);
    System.arraycopy(more, 0, all, args.length, more.length);
    return CommandLineRun.of(CommandLineRun.unbuilt(dir), all);
  }
}
