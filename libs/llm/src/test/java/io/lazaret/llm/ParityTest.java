package io.lazaret.llm;

import static io.lazaret.llm.Closeness.assertClose;
import static io.lazaret.llm.ParityFixture.rows;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import io.lazaret.llm.decoder.Batch;
import io.lazaret.llm.decoder.Supervision;
import io.lazaret.llm.generation.Generator;
import io.lazaret.llm.generation.Generator.GenerationSettings;
import io.lazaret.llm.script.ScriptModule.Mode;
import io.lazaret.llm.training.AdamW;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Against what Hugging Face transformers computed; see the README beside the fixtures. */
class ParityTest {

  private static final double LOGITS = 1e-5;
  private static final double HIDDEN = 1e-5;
  private static final double ATTENTION = 1e-6;

  /** Of the loss itself: one step of a float at 5 is 4.8e-7. */
  private static final double LOSS = 1e-6;

  private static final double GRADIENTS = 1e-6;

  private static final double ADAMW_LARGEST = 2e-4;
  private static final double ADAMW_MEAN = 1e-6;

  /**
   * Rounding noise, as of a key bias, whose true gradient is zero: AdamW makes whole steps of it.
   */
  private static final double NO_GRADIENT = 1e-6;

  @TempDir Path dir;

  static Stream<String> models() {
    return Stream.of(
        "llama",
        "qwen2",
        "llama3",
        "mistral",
        "qwen3",
        "gemma",
        "gemma2",
        "phi3",
        "gpt2",
        "gpt_neox");
  }

  @ParameterizedTest
  @MethodSource("models")
  void logitsOfARectangularBatch(String model) {
    try (ParityFixture fixture = new ParityFixture(model)) {
      List<int[]> ids = rows(fixture.json.path("ids"));
      assertLogits(fixture.lm, ids, null, fixture.tensor("logits"), ids.get(0).length);
    }
  }

  @ParameterizedTest
  @MethodSource("variants")
  void logitsUnderAnotherConfiguration(String model, String variant) throws IOException {
    Path changed = Files.createDirectory(dir.resolve("changed"));
    for (String name : List.of("model.safetensors", "tokenizer.json")) {
      Files.copy(ParityFixture.path(model).resolve("model").resolve(name), changed.resolve(name));
    }
    try (ParityFixture fixture = new ParityFixture(model)) {
      for (boolean newSpelling : List.of(false, true)) {
        Files.write(changed.resolve("config.json"), fixture.variantConfig(variant, newSpelling));
        try (CausalLm lm = CausalLm.open(changed)) {
          List<int[]> ids = rows(fixture.json.path("ids"));
          float[] expected = fixture.tensor("variant." + variant + ".logits");
          assertLogits(lm, ids, null, expected, ids.get(0).length);
        }
      }
    }
  }

  static Stream<Arguments> variants() {
    return models()
        .flatMap(
            model -> {
              List<String> names = new ArrayList<>();
              ParityFixture.json(model).path("variants").fieldNames().forEachRemaining(names::add);
              return names.stream().map(name -> Arguments.of(model, name));
            });
  }

  @ParameterizedTest
  @MethodSource("models")
  void hiddenStatesAndAttentionMaps(String model) {
    try (ParityFixture fixture = new ParityFixture(model)) {
      List<int[]> ids = rows(fixture.json.path("ids"));
      int layers = fixture.lm.config().layers();
      ForwardStates fast = fixture.lm.states(ids, null, false);
      ForwardStates states = fixture.lm.states(ids, null, true);
      assertThat(fast.attention()).isEmpty();
      for (int i = 0; i <= layers; i++) {
        float[] expected = fixture.tensor("hidden." + i);
        assertClose("hidden " + i, joined(fast.hidden().get(i)), expected, HIDDEN);
        assertClose("hidden " + i, joined(states.hidden().get(i)), expected, HIDDEN);
      }
      for (int i = 0; i < layers; i++) {
        assertClose(
            "attention " + i,
            joined(states.attention().get(i)),
            fixture.tensor("attention." + i),
            ATTENTION);
      }
    }
  }

  private static float[] joined(float[][] rows) {
    FloatBuffer all = FloatBuffer.allocate(Stream.of(rows).mapToInt(r -> r.length).sum());
    Stream.of(rows).forEach(all::put);
    return all.array();
  }

  @ParameterizedTest
  @MethodSource("models")
  void hiddenStatesOfUnequalRowsAreThoseOfEachAlone(String model) {
    try (ParityFixture fixture = new ParityFixture(model)) {
      List<int[]> rows = rows(fixture.json.path("padded").path("rows"));
      ForwardStates together = fixture.lm.states(rows, null, true);
      for (int row = 0; row < rows.size(); row++) {
        ForwardStates alone = fixture.lm.states(List.of(rows.get(row)), null, true);
        for (int i = 0; i < together.attention().size(); i++) {
          assertClose(
              "hidden " + i,
              together.hidden().get(i + 1)[row],
              alone.hidden().get(i + 1)[0],
              HIDDEN);
          assertClose(
              "attention " + i,
              together.attention().get(i)[row],
              alone.attention().get(i)[0],
              ATTENTION);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void logitsOfUnequalRows(String model) {
    try (ParityFixture fixture = new ParityFixture(model)) {
      JsonNode padded = fixture.json.path("padded");
      assertLogits(
          fixture.lm,
          rows(padded.path("rows")),
          null,
          fixture.tensor("padded.logits"),
          padded.path("ids").get(0).size());
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void lossAndGradientsOfAllWeights(String model) {
    try (ParityFixture fixture = new ParityFixture(model)) {
      fixture.lm.requireGradients(true);
      List<Example> examples = fixture.examples("loss");
      double expected = fixture.json.path("loss").path("value").asDouble();
      assertLoss(fixture.lm.loss(examples, null), expected);
      assertLoss(fixture.lm.backward(examples, null, 1), expected);
      for (Parameter parameter : fixture.lm.parameters()) {
        assertClose(
            parameter.name(),
            parameter.gradients(),
            fixture.tensor("grad." + parameter.name()),
            GRADIENTS);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void gradientOfTheInputEmbeddings(String model) {
    try (ParityFixture fixture = new ParityFixture(model);
        NDManager scope = fixture.lm.decoder().scope()) {
      List<Example> examples = fixture.examples("loss");
      Supervision part =
          Supervision.pack(examples, fixture.lm.config().vocabSize(), BatchLimits.standard())
              .get(0);
      Batch batch = part.batch();
      int width = fixture.lm.config().hiddenSize();
      long positions = (long) batch.rows() * batch.length();
      NDArray sums = scope.zeros(new Shape(positions, width), DataType.FLOAT32);
      fixture
          .lm
          .decoder()
          .call(
              "slot_gradients",
              Mode.GRADIENT,
              fixture.lm.decoder().ids(scope, batch),
              scope.create(part.rows()),
              fixture.lm.decoder().soft(null),
              scope.create(part.targets()),
              scope.create(1f / part.targets().length),
              scope.arange(0, (int) positions, 1, DataType.INT64),
              scope.arange(0, (int) positions, 1, DataType.INT64),
              sums);
      float[] actual = sums.toFloatArray();
      float[] expected = fixture.tensor("embeds.grad");
      for (int row = 0; row < batch.rows(); row++) {
        int length = examples.get(batch.members()[row]).ids().length * width;
        int from = row * batch.length() * width;
        int theirs = (batch.members()[row] + 1) * batch.length() * width - length;
        assertClose(
            "row " + row,
            Arrays.copyOfRange(actual, from, from + length),
            Arrays.copyOfRange(expected, theirs, theirs + length),
            GRADIENTS);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void softPromptLogitsAndGradient(String model) {
    try (ParityFixture fixture = new ParityFixture(model);
        SoftPrompt soft = fixture.softPrompt()) {
      List<int[]> rows = rows(fixture.json.path("soft").path("rows"));
      int width = rows.stream().mapToInt(r -> r.length).max().orElseThrow();
      assertLogits(fixture.lm, rows, soft, fixture.tensor("soft.logits"), width);
      double loss = fixture.lm.backward(fixture.examples("soft"), soft, 1);
      assertLoss(loss, fixture.json.path("soft").path("value").asDouble());
      assertClose(
          "soft prompt", soft.parameter().gradients(), fixture.tensor("soft.grad"), GRADIENTS);
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void greedyTokensAreIdentical(String model) {
    try (ParityFixture fixture = new ParityFixture(model)) {
      JsonNode greedy = fixture.json.path("greedy");
      int max = greedy.path("newTokens").asInt();
      List<int[]> prompts = rows(greedy.path("prompts"));
      int[] stop = {greedy.path("stop").asInt()};
      assertTokens(
          Generator.greedy(fixture.lm, prompts, null, new GenerationSettings(max, 8, new int[0])),
          rows(greedy.path("tokens")));
      assertTokens(
          Generator.greedy(fixture.lm, prompts, null, new GenerationSettings(max, 8, stop)),
          rows(greedy.path("stopped")));
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void twoAdamWSteps(String model) {
    try (ParityFixture fixture = new ParityFixture(model)) {
      fixture.lm.requireGradients(true);
      JsonNode expected = fixture.json.path("adamw");
      List<Example> examples = fixture.examples("loss");
      try (AdamW adam = new AdamW(fixture.lm.parameters(), AdamW.Settings.sande())) {
        for (int step = 0; step < 2; step++) {
          assertLoss(
              fixture.lm.backward(examples, null, 1), expected.path("losses").get(step).asDouble());
          assertThat(adam.step(expected.path("learningRate").asDouble()))
              .isCloseTo(expected.path("normsBeforeClip").get(step).asDouble(), within(1e-4));
        }
      }
      assertLoss(fixture.lm.loss(examples, null), expected.path("lossAfter").asDouble());
      for (Parameter parameter : fixture.lm.parameters()) {
        float[] theirs = fixture.tensor("adamw." + parameter.name());
        float[] ours = parameter.values();
        float[] gradient = fixture.tensor("grad." + parameter.name());
        for (int i = 0; i < ours.length; i++) {
          if (Math.abs(gradient[i]) < NO_GRADIENT) {
            ours[i] = theirs[i];
          }
        }
        assertClose(parameter.name(), ours, theirs, ADAMW_LARGEST);
        assertThat(Closeness.meanDifference(ours, theirs))
            .as(parameter.name())
            .isLessThan(ADAMW_MEAN);
      }
    }
  }

  /** Compares the logits of every position; the expected rows are padded on the left. */
  private static void assertLogits(
      CausalLm lm, List<int[]> rows, SoftPrompt soft, float[] expected, int width) {
    int vocab = lm.config().vocabSize();
    float[][][] logits = lm.logits(rows, soft);
    for (int row = 0; row < rows.size(); row++) {
      int length = rows.get(row).length;
      int theirs = (row * width + width - length) * vocab;
      assertClose(
          "row " + row,
          joined(logits[row]),
          Arrays.copyOfRange(expected, theirs, theirs + length * vocab),
          LOGITS);
    }
  }

  private static void assertLoss(double actual, double expected) {
    assertThat(actual).isCloseTo(expected, within(LOSS * Math.max(1, expected)));
  }

  private static void assertTokens(List<int[]> actual, List<int[]> expected) {
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < expected.size(); i++) {
      assertThat(actual.get(i)).isEqualTo(expected.get(i));
    }
  }
}
