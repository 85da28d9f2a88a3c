package io.lazaret.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Bad input is refused before a platform is started, with a problem and exit code 2. */
class BadInputTest {

  private static final String GOOD_ROW =
      "{\"instruction\": \"What is red and blue?\", \"input\": \"\", \"output\": \"Purple.\"}\n";

  @TempDir Path directory;
  private Path model;
  private Path prompts;

  @BeforeEach
  void validInput() throws IOException {
    model = directory.resolve("model");
    Files.createDirectory(model);
    for (String name : List.of("config.json", "model.safetensors", "tokenizer.json")) {
      Files.copy(CommandLineRun.model("llama").resolve(name), model.resolve(name));
    }
    prompts = Files.writeString(directory.resolve("prompts.jsonl"), GOOD_ROW);
  }

  @Test
  void inputThatIsFineReachesTheStartOfThePlatform() {
    refused("PLATFORM_NOT_BUILT", "quarkus-run.jar");
  }

  @Test
  void aMissingModelDirectoryIsNamed() throws IOException {
    model = directory.resolve("nowhere");
    refused("MODEL_", "nowhere");
  }

  @ParameterizedTest
  @CsvSource({
    "pytorch_model.bin,MODEL_PICKLE",
    "model.gguf,MODEL_GGUF",
    "notes.txt,MODEL_WEIGHTS_MISSING"
  })
  void weightsInAnotherFormAreRefused(String file, String code) throws IOException {
    Files.move(model.resolve("model.safetensors"), model.resolve(file));
    refused(code, "safetensors");
  }

  @Test
  void anUnknownArchitectureIsRefused() throws IOException {
    replace(model.resolve("config.json"), "LlamaForCausalLM", "MambaForCausalLM");
    refused("MODEL_", "MambaForCausalLM");
  }

  @Test
  void truncatedWeightsAreRefused() throws IOException {
    byte[] all = Files.readAllBytes(model.resolve("model.safetensors"));
    Files.write(model.resolve("model.safetensors"), Arrays.copyOf(all, all.length - 100));
    refused("SAFETENSORS_", "model.safetensors");
  }

  @Test
  void aHeaderThatLiesAboutItsLengthIsRefused() throws IOException {
    byte[] all = Files.readAllBytes(model.resolve("model.safetensors"));
    ByteBuffer.wrap(all).order(ByteOrder.LITTLE_ENDIAN).putLong(0, Long.MAX_VALUE);
    Files.write(model.resolve("model.safetensors"), all);
    refused("SAFETENSORS_", "model.safetensors");
  }

  @Test
  void shapesThatContradictTheConfigurationAreRefused() throws IOException {
    replace(model.resolve("config.json"), "\"intermediate_size\": 64", "\"intermediate_size\": 48");
    refused("MODEL_WEIGHTS_MISMATCH", "mlp");
  }

  @Test
  void aMalformedLineOfThePromptsIsNamed() throws IOException {
    Files.writeString(prompts, GOOD_ROW + GOOD_ROW + "{\"instruction\": 7}\n");
    refused("DATA_LINE_MALFORMED", "line 3");
  }

  @Test
  void emptyPromptsAreRefused() throws IOException {
    Files.writeString(prompts, "");
    refused("DATA_FILE_EMPTY", "prompts.jsonl");
  }

  @Test
  void missingPromptsAreRefused() {
    prompts = directory.resolve("absent.jsonl");
    refused("DATA_FILE_NOT_FOUND", "absent.jsonl");
  }

  @Test
  void aPromptLongerThanTheContextIsNamed() throws IOException {
    String row = "{\"instruction\": \"%s\", \"output\": \"x\"}\n";
    Files.writeString(
        prompts, GOOD_ROW + row.formatted("q".repeat(100)) + row.formatted("q".repeat(128)));
    refused("PROMPT_TOO_LONG", "prompts.jsonl row 3");
  }

  @Test
  void aMalformedQuestionIsNamed() throws IOException {
    Path questions =
        Files.writeString(
            directory.resolve("mcq.jsonl"),
            "{\"question\": \"?\", \"choices\": [\"a\", \"b\"], \"answer\": \"C\"}\n");
    refused("DATA_LINE_MALFORMED", "line 1", "--mcq", questions.toString());
  }

  @Test
  void aTemplateWithoutAPlaceForThePromptIsRefused() {
    refused("TEMPLATE_INVALID", "{prompt}", "--template", "User:");
  }

  @Test
  void anUnreadablePolicyIsRefused() throws IOException {
    Path policy = Files.writeString(directory.resolve("policy.yaml"), "gate: [1, 2\n");
    refused("POLICY_", "policy", "--policy", policy.toString());
  }

  @Test
  void aNameThatThePlatformCannotUseIsRefused() {
    refused("MODEL_NAME_INVALID", "../x", "--name", "../x");
  }

  @Test
  void aResultDirectoryWithSomethingInItIsLeftAlone() {
    refused("OUT_NOT_EMPTY", model.toString(), "--out", model.toString());
  }

  @Test
  void anAddressThatIsNoneIsRefused() {
    refused("SERVER_ADDRESS_INVALID", "localhost", "--server", "localhost:80");
  }

  @Test
  void aPortThatIsNoneIsRefused() {
    refused("PORT_INVALID", "70000", "--port", "70000");
  }

  @Test
  void theProblemIsOneDocumentWhenJsonIsAskedFor() throws IOException {
    Files.writeString(prompts, "nonsense\n");
    CommandLineRun run = screen("--json");
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.json().path("code").asText()).isEqualTo("DATA_LINE_MALFORMED");
    assertThat(run.json().path("nextStep").asText()).isNotBlank();
  }

  @Test
  void controlCharactersOfAFileNameDoNotReachTheTerminal() {
    prompts = directory.resolve("a\u001b[2Jb.jsonl");
    CommandLineRun run = screen();
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).doesNotContain("\u001b").contains("\\u001B[2J");
  }

  @Test
  void theDemoNamesMissingFixtures() {
    CommandLineRun run = CommandLineRun.of(CommandLineRun.unbuilt(directory), "demo", "--exit");
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("[FIXTURES_MISSING]", "lab fixtures --out");
  }

  @Test
  void anUnknownDeviceIsBadUsage() {
    refused("USAGE", "tpu", "--device", "tpu");
  }

  private void refused(String code, String named, String... more) {
    List<Path> before = tree();
    CommandLineRun run = screen(more);
    assertThat(run.err()).contains("[" + code).contains(named).contains("next:");
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(tree())
        .filteredOn(path -> !path.startsWith(directory.resolve("data")))
        .isEqualTo(before);
  }

  private CommandLineRun screen(String... more) {
    List<String> args = new ArrayList<>(List.of("screen", model.toString()));
    args.addAll(List.of("--prompts", prompts.toString()));
    args.addAll(List.of(more));
    if (!args.contains("--server")) {
      args.addAll(List.of("--data", directory.resolve("data").toString()));
    }
    return CommandLineRun.of(
        CommandLineRun.unbuilt(directory.resolve("program")), args.toArray(String[]::new));
  }

  private List<Path> tree() {
    List<Path> all = new ArrayList<>();
    try {
      Files.walkFileTree(
          directory,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
              all.add(file);
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return all;
  }

  private static void replace(Path file, String what, String with) throws IOException {
    String text = Files.readString(file);
    assertThat(text).contains(what);
    Files.writeString(file, text.replace(what, with));
  }
}
