package io.lazaret.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.lazaret.llm.files.safetensors.SafetensorsFile;
import io.lazaret.llm.files.safetensors.SafetensorsWriter;
import io.lazaret.llm.files.safetensors.TensorEntry;
import io.lazaret.llm.generation.Generator;
import io.lazaret.llm.generation.Generator.GenerationSettings;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What must hold on every architecture, on the models of the parity fixtures. */
class ArchitectureTest {

  /** A directory to keep what {@link #savedModelsKeepTheirTensors} saves in, for other readers. */
  private static final String KEEP = "lazaret.parity.saved";

  @TempDir Path dir;

  static Stream<String> models() {
    return ParityTest.models();
  }

  private static CausalLm open(String model) {
    return CausalLm.open(ParityFixture.path(model).resolve("model"));
  }

  private static List<int[]> sequences(CausalLm lm, int count, int shortest, int longest) {
    SplittableRandom random = new SplittableRandom(count);
    return IntStream.range(0, count)
        .mapToObj(i -> random.nextInt(shortest, longest + 1))
        .map(length -> random.ints(length, 3, lm.config().vocabSize()).toArray())
        .toList();
  }

  private static int[] concat(int[] a, int[] b) {
    int[] joined = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, joined, a.length, b.length);
    return joined;
  }

  /** Prompts on both sides of the window, continuations that cross it. */
  @ParameterizedTest
  @MethodSource("models")
  void aPrefixCacheGivesWhatPlainForwardPassesGive(String model) {
    try (CausalLm lm = open(model)) {
      List<int[]> prompts = sequences(lm, 6, 1, 14);
      int[][] tails = sequences(lm, 9, 4, 4).toArray(int[][]::new);
      List<int[]> joined = new ArrayList<>();
      prompts.forEach(prompt -> Stream.of(tails).forEach(tail -> joined.add(concat(prompt, tail))));
      float[][] expected = lm.nextLogProbs(joined, null);
      try (PrefixCache cache = lm.prefix(prompts)) {
        float[][] actual = lm.nextLogProbs(cache, tails);
        for (int i = 0; i < expected.length; i++) {
          Closeness.assertClose("row " + i, actual[i], expected[i], 2e-5);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void cachedDecodingGivesTheTokensOfRepeatedForwardPasses(String model) {
    try (CausalLm lm = open(model)) {
      List<int[]> prompts = sequences(lm, 5, 1, 12);
      List<int[]> made =
          Generator.greedy(lm, prompts, null, new GenerationSettings(10, 3, new int[0]));
      for (int i = 0; i < prompts.size(); i++) {
        int[] ids = prompts.get(i);
        for (int token : made.get(i)) {
          float[] next = lm.nextLogProbs(List.of(ids), null)[0];
          float best =
              IntStream.range(0, next.length)
                  .mapToObj(v -> next[v])
                  .max(Float::compare)
                  .orElseThrow();
          // A tie within rounding may go either way.
          assertThat((double) next[token]).isGreaterThan(best - 1e-4);
          ids = concat(ids, new int[] {token});
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void substitutionScoresAreTheSlopesTowardsEveryToken(String model) {
    try (CausalLm lm = open(model)) {
      int[] ids = sequences(lm, 1, 12, 12).get(0);
      List<Example> batch = List.of(new Example(ids, 9, 12));
      float[] scores = lm.substitutionScores(batch, List.<int[][]>of(new int[][] {{2}}))[0];
      int width = lm.config().hiddenSize();
      float[] embedding = lm.parameters().get(0).values();
      // The slot as a row of a soft prompt: its gradient is that of the input embedding.
      float[] own = Arrays.copyOfRange(embedding, ids[2] * width, (ids[2] + 1) * width);
      try (SoftPrompt soft = SoftPrompt.of(lm, new float[][] {own})) {
        int[] virtual = ids.clone();
        virtual[2] = soft.ids()[0];
        lm.backward(List.of(new Example(virtual, 9, 12)), soft, 1);
        float[] gradient = soft.parameter().gradients();
        for (int token = 0; token < lm.config().vocabSize(); token += 7) {
          double slope = 0;
          for (int i = 0; i < width; i++) {
            slope -= (double) gradient[i] * embedding[token * width + i];
          }
          assertThat((double) scores[token]).isCloseTo(slope, within(1e-5));
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void savedModelsKeepTheirTensors(String model) throws IOException {
    String keep = System.getProperty(KEEP);
    Path saved = (keep == null ? dir : Path.of(keep)).resolve(model);
    try (CausalLm lm = open(model)) {
      lm.save(saved, WeightType.FP32);
    }
    try (SafetensorsFile ours = SafetensorsFile.open(saved.resolve("model.safetensors"));
        SafetensorsFile theirs =
            SafetensorsFile.open(
                ParityFixture.path(model).resolve("model").resolve("model.safetensors"))) {
      assertThat(ours.tensors().keySet()).isEqualTo(theirs.tensors().keySet());
      for (TensorEntry entry : theirs.tensors().values()) {
        assertThat(ours.tensors().get(entry.name()).shape()).isEqualTo(entry.shape());
        assertThat(values(ours, entry.name())).isEqualTo(values(theirs, entry.name()));
      }
    }
  }

  private static float[] values(SafetensorsFile file, String name) {
    TensorEntry entry = file.tensors().get(name);
    float[] values = new float[(int) entry.size()];
    file.read(entry, 0, FloatBuffer.wrap(values));
    return values;
  }

  /** The first GPT-2 files name their tensors without a prefix and carry causal masks along. */
  @Test
  void gpt2WithoutPrefixKeepsItsNames() throws IOException {
    Path bare = Files.createDirectory(dir.resolve("bare"));
    Path original = ParityFixture.path("gpt2").resolve("model");
    for (String name : List.of("config.json", "tokenizer.json")) {
      Files.copy(original.resolve(name), bare.resolve(name));
    }
    List<SafetensorsWriter.Tensor> tensors = new ArrayList<>();
    try (SafetensorsFile file = SafetensorsFile.open(original.resolve("model.safetensors"))) {
      for (TensorEntry entry : file.tensors().values()) {
        float[] values = values(file, entry.name());
        tensors.add(tensor(entry.name().replace("transformer.", ""), entry.shape(), values));
      }
    }
    tensors.add(tensor("h.0.attn.bias", List.of(1L, 1L, 2L, 2L), new float[] {1, 0, 1, 1}));
    SafetensorsWriter.write(
        bare.resolve("model.safetensors"), tensors, WeightType.FP32, Map.of("format", "pt"));
    try (CausalLm lm = CausalLm.open(bare);
        CausalLm usual = open("gpt2")) {
      List<int[]> ids = sequences(lm, 3, 4, 9);
      float[][] actual = lm.nextLogProbs(ids, null);
      float[][] expected = usual.nextLogProbs(ids, null);
      for (int i = 0; i < actual.length; i++) {
        assertThat(actual[i]).isEqualTo(expected[i]);
      }
      lm.save(dir.resolve("again"), WeightType.FP32);
    }
    try (SafetensorsFile file = SafetensorsFile.open(dir.resolve("again/model.safetensors"))) {
      assertThat(file.tensors()).containsKey("wte.weight").doesNotContainKey("h.0.attn.bias");
    }
  }

  private static SafetensorsWriter.Tensor tensor(String name, List<Long> shape, float[] values) {
    return new SafetensorsWriter.Tensor(
        name,
        shape.stream().mapToLong(Long::longValue).toArray(),
        (first, out) -> out.put(values, (int) first, out.remaining()));
  }
}
