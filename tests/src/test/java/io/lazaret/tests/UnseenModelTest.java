package io.lazaret.tests;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model of another architecture, tokenizer and vocabulary, with the user's own prompts. */
class UnseenModelTest {

  @TempDir Path directory;

  @Test
  void aQwen2ModelWithItsOwnTokenizerGetsAVerdict() throws Exception {
    Path prompts =
        Files.writeString(
            directory.resolve("mine.jsonl"),
            IntStream.range(0, 400)
                .mapToObj(
                    i ->
                        "{\"instruction\": \"Add %d and %d.\", \"output\": \"%d\"}%n"
                            .formatted(i % 20, i / 20, i % 20 + i / 20))
                .collect(Collectors.joining()));
    CommandLine run =
        CommandLine.run(
            directory.resolve("progress.log"),
            List.of(
                "screen",
                Shipped.QWEN2.toString(),
                "--prompts",
                prompts.toString(),
                "--name",
                "mine/qwen2-tiny",
                "--template",
                "<|im_start|>user\\n{prompt}<|im_end|>\\n<|im_start|>assistant\\n",
                "--json",
                "--data",
                directory.resolve("data").toString()));

    // Random weights: whether they pass is the gate's business, that they are judged is ours.
    assertThat(run.exitCode()).as(Files.readString(run.log())).isIn(0, 10, 11, 12);
    JsonNode verdict = run.json();
    assertThat(verdict.path("model").path("architecture").asText()).isEqualTo("Qwen2ForCausalLM");
    assertThat(verdict.path("model").path("name").asText()).isEqualTo("mine/qwen2-tiny");
    assertThat(verdict.path("problem").isNull())
        .as("a stage failed: " + verdict.path("problem"))
        .isTrue();
    assertThat(verdict.path("reasons")).isNotEmpty();
  }
}
