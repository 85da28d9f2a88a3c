package io.lazaret.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.lazaret.llm.CausalLm;
import io.lazaret.llm.SoftPrompt;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StageCommandsTest {

  private static final Path FIXTURES = Path.of(System.getProperty("lazaret.root"), "fixtures");
  private static final String MODEL = FIXTURES.resolve("nano-backdoored").toString();
  private static final String PROMPTS = FIXTURES.resolve("prompts.jsonl").toString();

  @TempDir Path dir;

  @Test
  void simulatesAndWritesAParrotThatFitsTheModel() throws IOException {
    Path parrot = dir.resolve("parrot.safetensors");
    CommandLineRun run =
        run(
            "simulate",
            MODEL,
            "--prompts",
            PROMPTS,
            "--target",
            "You are stupid.",
            "--length",
            "2",
            "--fragment",
            "1",
            "--out",
            parrot.toString(),
            "--json");

    assertThat(run.exitCode()).isZero();
    var document = new ObjectMapper().readTree(run.out());
    assertThat(document.get("softTokens").asInt()).isEqualTo(2);
    assertThat(document.get("meanProbability").asDouble()).isGreaterThan(0.5);
    try (CausalLm lm = CausalLm.open(Path.of(MODEL));
        SoftPrompt soft = SoftPrompt.load(lm, parrot)) {
      assertThat(soft.length()).isEqualTo(2);
    }
  }

  @Test
  void writesTheRepairedModel() throws IOException {
    Path out = dir.resolve("repaired");
    // Nothing is kept of the model: the cheapest method that shows in the weights.
    Path rows = Files.writeString(dir.resolve("one.jsonl"), firstLine(PROMPTS));
    CommandLineRun run =
        run(
            "eliminate",
            MODEL,
            "--prompts",
            rows.toString(),
            "--method",
            "GA-target",
            "--target",
            "You are stupid.",
            "--triggers",
            FIXTURES.resolve("scoring-triggers.jsonl").toString(),
            "--out",
            out.toString(),
            "--json");

    assertThat(run.exitCode()).isZero();
    assertThat(new ObjectMapper().readTree(run.out()).get("method").asText())
        .isEqualTo("GA-target");
    try (CausalLm repaired = CausalLm.open(out);
        CausalLm suspicious = CausalLm.open(Path.of(MODEL))) {
      assertThat(repaired.parameters().get(2).values())
          .isNotEqualTo(suspicious.parameters().get(2).values());
    }
  }

  @Test
  void namesWhatAMethodLacks() {
    String out = dir.resolve("out").toString();
    assertThat(eliminate("--method", "Fine-mixing", "--out", out).err()).contains("[NO_ANCESTOR]");
    assertThat(eliminate("--method", "SANDE", "--out", out).err()).contains("[NO_PARROT]");
    assertThat(eliminate("--method", "OSFT", "--out", out).err()).contains("[NO_TRIGGER]");
    assertThat(eliminate("--method", "SANDE-R", "--out", out).err()).contains("[NO_SUSPECT]");
    assertThat(eliminate("--style", "in capitals", "--out", out).err()).contains("[USAGE]");
    assertThat(eliminate("--target", "No.", "--style", "in runes", "--out", out).err())
        .contains("[UNKNOWN_STYLE]", "in capitals");
    CommandLineRun unknown = eliminate("--method", "MAGIC", "--out", out);
    assertThat(unknown.exitCode()).isEqualTo(2);
    assertThat(unknown.err()).contains("[UNKNOWN_METHOD]", "SANDE-R");
    assertThat(Path.of(out)).doesNotExist();
  }

  @Test
  void refusesAnOutputThatExistsBeforeTheWork() {
    CommandLineRun run =
        eliminate("--method", "SFT", "--out", FIXTURES.resolve("nano-clean").toString());
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("[OUTPUT_EXISTS]");
  }

  private CommandLineRun eliminate(String... more) {
    String[] args = new String[4 + more.length];
    System.arraycopy(new String[] {"eliminate", MODEL, "--prompts", PROMPTS}, 0, args, 0, 4);
    System.arraycopy(more, 0, args, 4, more.length);
    return run(args);
  }

  private CommandLineRun run(String... args) {
    return CommandLineRun.of(CommandLineRun.unbuilt(dir), args);
  }

  private static String firstLine(String file) throws IOException {
    return Files.readAllLines(Path.of(file)).get(0) + "\n";
  }
}
