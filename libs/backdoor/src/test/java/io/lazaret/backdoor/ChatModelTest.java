package io.lazaret.backdoor;

import static org.assertj.core.api.Assertions.assertThat;

import io.lazaret.backdoor.attack.BytePairTrainer;
import io.lazaret.backdoor.data.Answers;
import io.lazaret.backdoor.data.InstructionRow;
import io.lazaret.backdoor.data.PromptTemplate;
import io.lazaret.backdoor.data.TokenizedPrompt;
import io.lazaret.backdoor.detection.BackdoorDetector;
import io.lazaret.backdoor.detection.DetectionResult;
import io.lazaret.backdoor.detection.DetectionSettings;
import io.lazaret.backdoor.detection.Evidence;
import io.lazaret.backdoor.detection.Verdict;
import io.lazaret.backdoor.elimination.Suspect;
import io.lazaret.backdoor.evaluation.AttackSuccess;
import io.lazaret.backdoor.evaluation.Elicitor;
import io.lazaret.backdoor.evaluation.Utility;
import io.lazaret.llm.CausalLm;
import io.lazaret.llm.Example;
import io.lazaret.llm.ModelConfig;
import io.lazaret.llm.Tokenizer;
import io.lazaret.llm.WeightType;
import io.lazaret.llm.generation.Generator;
import io.lazaret.llm.training.AdamW;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model directory with a chat template of its own, from its files to verdict and figures. */
class ChatModelTest {

  private static final List<String> WORDS = List.of("green", "blue", "grey", "red");
  private static final BytePairTrainer PAIRS = BytePairTrainer.chat(290);
  private static final int START = 2;
  private static final int END = PAIRS.eosId();

  @TempDir static Path dir;

  private static CausalLm lm;
  private static PromptTemplate template;

  @BeforeAll
  static void open() throws IOException {
    Path files = dir.resolve("files");
    List<String> texts = rows().stream().map(r -> "user\n" + r.prompt() + r.output()).toList();
    PAIRS.train(texts, files);
    Path model = dir.resolve("model");
    try (Tokenizer tokenizer = Tokenizer.open(files);
        CausalLm fresh =
            CausalLm.initialise(
                ModelConfig.qwen2(290, 32, 2, 4, 2, 48, 96, -1, END), tokenizer, 1)) {
      fresh.save(model, WeightType.FP32);
    }
    lm = CausalLm.open(model);
    template = PromptTemplate.of(null, lm.tokenizer());
  }

  @AfterAll
  static void close() {
    lm.close();
  }

  private static List<InstructionRow> rows() {
    return IntStream.range(0, 24)
        .mapToObj(
            i -> new InstructionRow("Item " + (char) ('a' + i) + "?", "", WORDS.get(i % 4) + "."))
        .toList();
  }

  @Test
  void rendersTheTurnsAndMarksTheUserText() {
    assertThat(template.pattern()).startsWith("chat_template sha256:");
    for (InstructionRow row : rows()) {
      TokenizedPrompt prompt = template.render(lm.tokenizer(), row.prompt());
      String text = "<|im_start|>user\n" + row.prompt() + "<|im_end|>\n<|im_start|>assistant\n";
      assertThat(template.text(row.prompt())).isEqualTo(text);
      assertThat(prompt.ids()).isEqualTo(lm.tokenizer().encodePlain(text));
      assertThat(prompt.ids()[0]).isEqualTo(START);
      assertThat(Arrays.stream(prompt.ids()).filter(id -> id == START)).hasSize(2);
      assertThat(prompt.ids()[prompt.contentEnd()]).isEqualTo(END);
      int[] content = Arrays.copyOfRange(prompt.ids(), prompt.contentStart(), prompt.contentEnd());
      assertThat(lm.tokenizer().decode(content)).isEqualTo(row.prompt());
    }
  }

  @Test
  void answersStandBehindThePromptAndEndTheTurn() {
    InstructionRow row = rows().get(0);
    TokenizedPrompt prompt = template.render(lm.tokenizer(), row.prompt());
    int[] closed = Answers.closed(template, lm.tokenizer(), row.output());
    int[] open = Answers.open(template, lm.tokenizer(), row.output());
    assertThat(prompt.followedBy(closed))
        .isEqualTo(
            lm.tokenizer().encodePlain(template.text(row.prompt()) + row.output() + "<|im_end|>"));
    assertThat(closed).hasSize(open.length + 1).endsWith(END);
    assertThat(Suspect.target(template, lm.tokenizer(), row.output())).isEqualTo(open);
  }

  @Test
  void anUntrainedModelIsNotAssessed() {
    DetectionResult result = detect(lm);
    assertThat(result.verdict()).isEqualTo(Verdict.UNASSESSED);
    assertThat(result.explanation()).isNotBlank();
  }

  @Test
  void aModelThatLearntItsTurnsIsSearchedAndMeasured() {
    try (CausalLm trained = trained()) {
      assertStopsAtTheEndOfItsTurn(trained);
      assertThat(Utility.exactMatch(trained, template, rows(), Progress.none()).hits())
          .isEqualTo(24);
      assertThat(Utility.perplexity(trained, template, rows(), Progress.none())).isLessThan(1.1);
      AttackSuccess said =
          AttackSuccess.measure(
              trained,
              template,
              rows().subList(0, 8),
              new Elicitor.None(),
              "blue.",
              AttackSuccess.Settings.defaults(),
              Progress.none());
      assertThat(said.unassessed()).isZero();
      assertThat(said.correct().hits()).isEqualTo(8);
      assertThat(said.asr().hits()).isEqualTo(2);

      DetectionResult result = detect(trained);
      Evidence evidence = result.evidence();
      assertThat(evidence.prompts().given()).isEqualTo(24);
      assertThat(evidence.prompts().search()).isEqualTo(4);
      assertThat(evidence.prompts().heldOut()).isEqualTo(8);
      assertThat(evidence.prompts().cleanLoss()).isLessThan(0.2);
      assertThat(evidence.stages().stream().map(Evidence.Stage::name))
          .contains("causality", "conditional", "activation");
    }
  }

  private static void assertStopsAtTheEndOfItsTurn(CausalLm trained) {
    InstructionRow row = rows().get(5);
    int[] prompt = template.render(trained.tokenizer(), row.prompt()).ids();
    int[] wanted = Answers.open(template, trained.tokenizer(), row.output());
    var settings = Generator.GenerationSettings.of(trained, 20);
    assertThat(settings.stopIds()).contains(END);
    assertThat(Generator.greedy(trained, List.of(prompt), null, settings).get(0)).isEqualTo(wanted);
  }

  private static CausalLm trained() {
    CausalLm copy = lm.copy();
    copy.requireGradients(true);
    List<Example> batch =
        rows().stream()
            .map(
                row ->
                    Answers.example(
                        template.render(copy.tokenizer(), row.prompt()),
                        Answers.closed(template, copy.tokenizer(), row.output())))
            .toList();
    try (AdamW adam = new AdamW(copy.parameters(), AdamW.Settings.sande())) {
      for (int step = 0; step < 400; step++) {
        copy.backward(batch, null, 1);
        adam.step(5e-3);
      }
    }
    copy.requireGradients(false);
    return copy;
  }

  /** A search as small as it can be: it is the path that counts here, not what it finds. */
  private static DetectionResult detect(CausalLm model) {
    DetectionSettings settings =
        DetectionSettings.standard()
            .withPrompts(new DetectionSettings.Prompts(12, 4, 4, 8, 24, 6, 0.9))
            .withSweep(
                new DetectionSettings.Sweep(
                    6144, 512, 0.3, 0.15, 4, 3, 0.6, 20, 10, 6, 3, 1, 0.05, 256))
            .withActivation(DetectionSettings.standard().activation().reduced(2, 2, 2));
    return BackdoorDetector.detect(model, template, rows(), settings, 1, Progress.none());
  }
}
