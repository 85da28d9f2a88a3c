package io.lazaret.llm;

import static io.lazaret.llm.Closeness.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lazaret.llm.Generator.GenerationSettings;
import io.lazaret.llm.files.SafetensorsFile;
import io.lazaret.llm.files.TensorEntry;
import io.lazaret.llm.script.ScriptModule.Mode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against what Hugging Face transformers computed; see the README beside the fixtures. */
class ParityTest {

  private static final double LOGITS = 1e-5;
  private static final double GRADIENTS = 1e-6;

  /** A key bias has no true gradient; AdamW turns its rounding noise into steps. */
  private static final double ADAMW_LARGEST = 2e-4;

  private static final double ADAMW_MEAN = 2e-6;

  @TempDir Path dir;

  @ParameterizedTest
  @ValueSource(strings = {"llama", "qwen2"})
  void logitsOfARectangularBatch(String model) {
    try (Fixture fixture = new Fixture(model)) {
      List<int[]> ids = rows(fixture.json.path("ids"));
      assertLogits(fixture.lm, ids, null, fixture.tensor("logits"), ids.get(0).length);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"llama", "qwen2"})
  void logitsUnderAnotherRopeBase(String model) throws IOException {
    Path changed = Files.createDirectory(dir.resolve("changed"));
    for (String name : List.of("model.safetensors", "tokenizer.json")) {
      Files.copy(Fixture.path(model).resolve("model").resolve(name), changed.resolve(name));
    }
    String config = Files.readString(Fixture.path(model).resolve("model/config.json"));
    try (Fixture fixture = new Fixture(model)) {
      String theta = fixture.json.path("theta").path("value").asText();
      // The spelling of transformers 5.
      Files.writeString(
          changed.resolve("config.json"),
          config.replaceFirst(
              "\"rope_theta\": [0-9.]+",
              "\"rope_parameters\": {\"rope_type\": \"default\", \"rope_theta\": " + theta + "}"));
      try (CausalLm lm = CausalLm.open(changed)) {
        List<int[]> ids = rows(fixture.json.path("ids"));
        assertLogits(lm, ids, null, fixture.tensor("theta.logits"), ids.get(0).length);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"llama", "qwen2"})
  void logitsOfUnequalRows(String model) {
    try (Fixture fixture = new Fixture(model)) {
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
  @ValueSource(strings = {"llama", "qwen2"})
  void lossAndGradientsOfAllWeights(String model) {
    try (Fixture fixture = new Fixture(model)) {
      fixture.lm.requireGradients(true);
      List<Example> examples = fixture.examples("loss");
      double expected = fixture.json.path("loss").path("value").asDouble();
      assertThat(fixture.lm.loss(examples, null)).isCloseTo(expected, within(1e-5));
      assertThat(fixture.lm.backward(examples, null, 1)).isCloseTo(expected, within(1e-5));
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
  @ValueSource(strings = {"llama", "qwen2"})
  void softPromptLogitsAndGradient(String model) {
    try (Fixture fixture = new Fixture(model);
        SoftPrompt soft = fixture.softPrompt()) {
      List<int[]> rows = rows(fixture.json.path("soft").path("rows"));
      int width = rows.stream().mapToInt(r -> r.length).max().orElseThrow();
      assertLogits(fixture.lm, rows, soft, fixture.tensor("soft.logits"), width);
      double loss = fixture.lm.backward(fixture.examples("soft"), soft, 1);
      assertThat(loss).isCloseTo(fixture.json.path("soft").path("value").asDouble(), within(1e-5));
      assertClose(
          "soft prompt", soft.parameter().gradients(), fixture.tensor("soft.grad"), GRADIENTS);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"llama", "qwen2"})
  void greedyTokensAreIdentical(String model) {
    try (Fixture fixture = new Fixture(model)) {
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
  @ValueSource(strings = {"llama", "qwen2"})
  void twoAdamWSteps(String model) {
    try (Fixture fixture = new Fixture(model)) {
      fixture.lm.requireGradients(true);
      JsonNode expected = fixture.json.path("adamw");
      List<Example> examples = fixture.examples("loss");
      try (AdamW adam = new AdamW(fixture.lm.parameters(), AdamW.Settings.sande())) {
        for (int step = 0; step < 2; step++) {
          assertThat(fixture.lm.backward(examples, null, 1))
              .isCloseTo(expected.path("losses").get(step).asDouble(), within(1e-5));
          assertThat(adam.step(expected.path("learningRate").asDouble()))
              .isCloseTo(expected.path("normsBeforeClip").get(step).asDouble(), within(1e-4));
        }
      }
      assertThat(fixture.lm.loss(examples, null))
          .isCloseTo(expected.path("lossAfter").asDouble(), within(1e-5));
      for (Parameter parameter : fixture.lm.parameters()) {
        float[] theirs = fixture.tensor("adamw." + parameter.name());
        assertClose(parameter.name(), parameter.values(), theirs, ADAMW_LARGEST);
        assertThat(Closeness.meanDifference(parameter.values(), theirs))
            .as(parameter.name())
            .isLessThan(ADAMW_MEAN);
      }
    }
  }

  /** Compares the logits of every position; the expected rows are padded on the left. */
  private static void assertLogits(
      CausalLm lm, List<int[]> rows, SoftPrompt soft, float[] expected, int width) {
    int vocab = lm.config().vocabSize();
    Batch batch = Batch.of(rows, IntStream.range(0, rows.size()).boxed().toList());
    try (NDManager scope = lm.decoder().scope()) {
      NDArray logits =
          lm.decoder()
              .call(
                  "logits",
                  Mode.INFERENCE,
                  lm.decoder().ids(scope, batch),
                  scope.arange(0, batch.rows() * batch.length(), 1, DataType.INT64),
                  lm.decoder().soft(soft));
      float[] actual = logits.toFloatArray();
      for (int row = 0; row < rows.size(); row++) {
        int length = rows.get(row).length;
        int theirs = (row * width + width - length) * vocab;
        int ours = row * batch.length() * vocab;
        assertClose(
            "row " + row,
            Arrays.copyOfRange(actual, ours, ours + length * vocab),
            Arrays.copyOfRange(expected, theirs, theirs + length * vocab),
            LOGITS);
      }
    }
  }

  private static void assertTokens(List<int[]> actual, List<int[]> expected) {
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < expected.size(); i++) {
      assertThat(actual.get(i)).isEqualTo(expected.get(i));
    }
  }

  private static List<int[]> rows(JsonNode lists) {
    List<int[]> rows = new ArrayList<>();
    for (JsonNode list : lists) {
      rows.add(StreamSupport.stream(list.spliterator(), false).mapToInt(JsonNode::asInt).toArray());
    }
    return rows;
  }

  /** A model directory with the numbers that were computed from it. */
  private static final class Fixture implements AutoCloseable {
    private final CausalLm lm;
    private final JsonNode json;
    private final SafetensorsFile tensors;

    Fixture(String model) {
      lm = CausalLm.open(path(model).resolve("model"));
      tensors = SafetensorsFile.open(path(model).resolve("expected.safetensors"));
      try {
        json = new ObjectMapper().readTree(path(model).resolve("expected.json").toFile());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    static Path path(String model) {
      return Path.of("src/test/resources/parity", model);
    }

    float[] tensor(String name) {
      TensorEntry entry = tensors.tensors().get(name);
      float[] values = new float[(int) entry.size()];
      tensors.read(entry, 0, FloatBuffer.wrap(values));
      return values;
    }

    List<Example> examples(String key) {
      List<int[]> ids = rows(json.path(key).path("rows"));
      List<int[]> spans = rows(json.path(key).path("spans"));
      return IntStream.range(0, ids.size())
          .mapToObj(i -> example(ids.get(i), spans.get(i)))
          .toList();
    }

    /** The virtual ids that a span begins with are not supervised. */
    private Example example(int[] ids, int[] span) {
      int from = span[0];
      while (ids[from] >= lm.config().vocabSize()) {
        from++;
      }
      return new Example(ids, from, span[1]);
    }

    SoftPrompt softPrompt() {
      float[] flat = tensor("soft.prompt");
      int width = lm.config().hiddenSize();
      return SoftPrompt.of(
          lm,
          IntStream.range(0, flat.length / width)
              .mapToObj(k -> Arrays.copyOfRange(flat, k * width, k * width + width))
              .toArray(float[][]::new));
    }

    @Override
    public void close() {
      tensors.close();
      lm.close();
    }
  }
}
