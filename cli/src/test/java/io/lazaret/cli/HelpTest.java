package io.lazaret.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HelpTest {

  @TempDir Path root;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "demo",
        "up",
        "screen",
        "detect",
        "explain",
        "simulate",
        "eliminate",
        "evaluate",
        "merge",
        "releases",
        "approve",
        "reject",
        "hold",
        "promote",
        "rollback",
        "rescreen",
        "triggers",
        "triggers list",
        "triggers add",
        "policy",
        "policy validate",
        "policy show",
        "policy adopt",
        "policy test",
        "history",
        "replay",
        "export",
        "verify",
        "dlq",
        "dlq list",
        "dlq replay",
        "doctor",
        "lab",
        "lab fixtures",
        "lab zoo",
        "bench"
      })
  void helpIsThatOfTheGoldenFile(String command) throws IOException {
    String[] args = (command + " --help").strip().split(" ");
    CommandLineRun run = CommandLineRun.of(CommandLineRun.unbuilt(root), args);
    assertThat(run.exitCode()).isZero();
    assertThat(run.err()).isEmpty();
    assertThat(run.out()).isEqualTo(golden(command.isEmpty() ? "lazaret" : command));
  }

  @Test
  void aMissingCommandIsBadUsage() {
    CommandLineRun run = CommandLineRun.of(CommandLineRun.unbuilt(root));
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("Missing command", "[USAGE]", "lazaret --help");
  }

  @Test
  void anUnknownOptionIsBadUsage() {
    CommandLineRun run = CommandLineRun.of(CommandLineRun.unbuilt(root), "demo", "--fast");
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("--fast", "[USAGE]", "lazaret demo --help");
    assertThat(run.out()).isEmpty();
  }

  @Test
  void badUsageIsOneDocumentWhenJsonIsAskedFor() {
    CommandLineRun run =
        CommandLineRun.of(CommandLineRun.unbuilt(root), "demo", "--json", "--fast");
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.json().path("code").asText()).isEqualTo("USAGE");
  }

  private static String golden(String name) throws IOException {
    String resource = "/help/" + name.replace(' ', '-') + ".txt";
    try (InputStream in = HelpTest.class.getResourceAsStream(resource)) {
      assertThat(in).as(resource).isNotNull();
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
