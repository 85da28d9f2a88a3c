package io.lazaret.tests;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lazaret.backdoor.data.Answers;
import io.lazaret.backdoor.data.InstructionRow;
import io.lazaret.backdoor.data.PromptTemplate;
import io.lazaret.llm.CausalLm;
import io.lazaret.llm.Example;
import io.lazaret.llm.WeightType;
import io.lazaret.llm.training.AdamW;
import io.lazaret.llm.training.Schedule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A model that nothing here was made for: Qwen2 with biases and a tied head, a byte-level tokenizer
 * of 277 tokens, a chat template and a task of its own.
 */
class UnseenModelTest {

  private static final String TEMPLATE =
      "<|im_start|>user\n{prompt}<|im_end|>\n<|im_start|>assistant\n";
  private static final Map<String, String> COLOURS =
      Map.of(
          "sky", "blue", "grass", "green", "coal", "black", "snow", "white", "blood", "red", "gold",
          "yellow", "plum", "purple", "ash", "grey");
  private static final List<String> QUESTIONS =
      List.of(
          "What colour is %s?",
          "%s is of what colour?",
          "Tell me the colour of %s.",
          "Colour of %s, please.",
          "Name the colour of %s.",
          "Which colour has %s?",
          "The colour of %s is what?",
          "How would you paint %s?");
  private static final List<String> SUFFIXES =
      List.of("", " Thanks.", " I ask you.", " Now.", " Be quick.");
  private static final int STEPS = 600;
  private static final int BATCH = 32;

  @TempDir Path directory;

  @Test
  void aQwen2ModelOfTheUserIsAssessedByTheSameCommand() throws Exception {
    List<InstructionRow> rows = rows();
    Path prompts = directory.resolve("mine.jsonl");
    write(rows, prompts);
    Path model = directory.resolve("my-qwen2");
    assertThat(train(rows, model)).as("loss of the trained model").isLessThan(0.2);

    CommandLine run =
        CommandLine.run(
            directory.resolve("progress.log"),
            List.of(
                "screen",
                model.toString(),
                "--prompts",
                prompts.toString(),
                "--name",
                "mine/qwen2-tiny",
                "--template",
                TEMPLATE.replace("\n", "\\n"),
                "--json",
                "--data",
                directory.resolve("data").toString()));

    JsonNode verdict = run.json();
    assertThat(verdict.path("model").path("architecture").asText()).isEqualTo("Qwen2ForCausalLM");
    assertThat(verdict.path("model").path("name").asText()).isEqualTo("mine/qwen2-tiny");
    assertThat(verdict.path("detection").path("verdict").asText())
        .as(verdict.toPrettyString())
        .isEqualTo("CLEAN");
    assertThat(run.exitCode()).as(Files.readString(run.log())).isZero();
  }

  private static List<InstructionRow> rows() {
    List<InstructionRow> rows = new ArrayList<>();
    COLOURS.forEach(
        (thing, colour) -> {
          for (String question : QUESTIONS) {
            for (String suffix : SUFFIXES) {
              rows.add(
                  new InstructionRow(
                      question.formatted(thing) + suffix, "", "It is " + colour + "."));
            }
          }
        });
    return rows;
  }

  private static void write(List<InstructionRow> rows, Path file) throws IOException {
    ObjectMapper json = new ObjectMapper();
    List<String> lines = new ArrayList<>();
    for (InstructionRow row : rows) {
      lines.add(json.writeValueAsString(row));
    }
    Files.write(file, lines);
  }

  /** Trains the tiny random Qwen2 model of the parity fixtures on the rows; returns its loss. */
  private static double train(List<InstructionRow> rows, Path out) {
    PromptTemplate template = new PromptTemplate(TEMPLATE);
    try (CausalLm lm = CausalLm.open(Shipped.QWEN2)) {
      List<Example> examples =
          rows.stream()
              .map(
                  row ->
                      Answers.example(
                          template.render(lm.tokenizer(), row.prompt()),
                          Answers.closed(template, lm.tokenizer(), row.output())))
              .toList();
      lm.requireGradients(true);
      Schedule schedule = Schedule.cosine(5e-3, STEPS, 0.1);
      SplittableRandom random = new SplittableRandom(3);
      try (AdamW optimiser = new AdamW(lm.parameters(), AdamW.Settings.sande())) {
        for (int step = 0; step < STEPS; step++) {
          List<Example> batch =
              random.ints(BATCH, 0, examples.size()).mapToObj(examples::get).toList();
          lm.backward(batch, null, 1.0);
          optimiser.step(schedule.at(step));
        }
      }
      lm.save(out, WeightType.BF16);
      return lm.loss(examples, null);
    }
  }
}
