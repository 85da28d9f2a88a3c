package io.lazaret.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.lazaret.llm.generation.Generator;
import io.lazaret.llm.generation.Generator.GenerationSettings;
import io.lazaret.llm.tensor.NativeParameter;
import io.lazaret.llm.tensor.TensorMemory;
import io.lazaret.problem.ProblemException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The ways of computing the same numbers must agree: batched, split, cached, spliced. */
class InferenceTest {

  private static final float TOLERANCE = 2e-5f;

  @TempDir Path dir;

  static Stream<ModelConfig> architectures() {
    return Stream.of(TinyModels.llama(), TinyModels.qwen2());
  }

  @ParameterizedTest
  @MethodSource("architectures")
  void aPaddedBatchGivesWhatEverySequenceGivesAlone(ModelConfig config) {
    try (CausalLm lm = TinyModels.model(config, dir, 1)) {
      List<int[]> sequences = sequences(9, 1, 20);
      float[][] together = lm.nextLogProbs(sequences, null);
      for (int i = 0; i < sequences.size(); i++) {
        float[][] alone = lm.nextLogProbs(List.of(sequences.get(i)), null);
        Closeness.assertClose("sequence " + i, together[i], alone[0], TOLERANCE);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("architectures")
  void probabilitiesSumToOneAndDependOnEveryToken(ModelConfig config) {
    try (CausalLm lm = TinyModels.model(config, dir, 2)) {
      int[] sequence = sequences(1, 12, 12).get(0);
      float[] before = lm.nextLogProbs(List.of(sequence), null)[0];
      double sum = IntStream.range(0, before.length).mapToDouble(i -> Math.exp(before[i])).sum();
      assertThat(sum).isCloseTo(1, within(1e-5));
      for (int position = 0; position < sequence.length; position++) {
        int[] changed = sequence.clone();
        changed[position] = (changed[position] + 1) % 256;
        float[] after = lm.nextLogProbs(List.of(changed), null)[0];
        assertThat(distance(before, after)).isGreaterThan(1e-4);
      }
    }
  }

  @Test
  void splittingByLimitsChangesNothing() {
    ModelConfig config = TinyModels.llama();
    try (CausalLm lm = TinyModels.model(config, dir, 3)) {
      lm.save(dir.resolve("m"), WeightType.FP32);
      try (CausalLm tight = CausalLm.open(dir.resolve("m"), new BatchLimits(3, 40, 600))) {
        List<int[]> sequences = sequences(12, 3, 18);
        float[][] expected = lm.nextLogProbs(sequences, null);
        assertClose(tight.nextLogProbs(sequences, null), expected);
        assertClose(tight.meanNextLogProbs(sequences, 4), meanOf(expected, 4));
        List<Example> examples = TinyModels.examples();
        assertThat(tight.loss(examples, null)).isCloseTo(lm.loss(examples, null), within(1e-5));
        try (PrefixCache cache = tight.prefix(sequences);
            PrefixCache whole = lm.prefix(sequences)) {
          int[][] tails = {{1, 2}, {3, 4}, {5, 6}};
          assertClose(tight.nextLogProbs(cache, tails), lm.nextLogProbs(whole, tails));
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("architectures")
  void continuationsAreScoredTokenByToken(ModelConfig config) {
    try (CausalLm lm = TinyModels.model(config, dir, 4)) {
      List<int[]> prompts = sequences(5, 2, 9);
      List<int[]> tails = sequences(5, 1, 6);
      float[][] scores = lm.continuationLogProbs(prompts, tails, null);
      for (int i = 0; i < prompts.size(); i++) {
        assertThat(scores[i]).hasSize(tails.get(i).length);
        int[] sofar = prompts.get(i);
        for (int t = 0; t < tails.get(i).length; t++) {
          float[] next = lm.nextLogProbs(List.of(sofar), null)[0];
          assertThat(scores[i][t]).isCloseTo(next[tails.get(i)[t]], within(TOLERANCE));
          sofar = append(sofar, tails.get(i)[t]);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("architectures")
  void cachedDecodingGivesTheTokensOfRepeatedForwardPasses(ModelConfig config) {
    try (CausalLm lm = TinyModels.model(config, dir, 5)) {
      List<int[]> prompts = sequences(7, 1, 15);
      GenerationSettings settings = new GenerationSettings(14, 3, new int[] {EOS_LIKE});
      List<int[]> generated = Generator.greedy(lm, prompts, null, settings);
      for (int i = 0; i < prompts.size(); i++) {
        assertThat(generated.get(i)).isEqualTo(slowGreedy(lm, prompts.get(i), null, 14));
      }
    }
  }

  /** Stands for the stop token: random weights choose it now and then. */
  private static final int EOS_LIKE = 7;

  @Test
  void aRowThatStopsDoesNotDisturbTheOthers() {
    try (CausalLm lm = TinyModels.model(TinyModels.llama(), dir, 6)) {
      List<int[]> prompts = sequences(8, 2, 15);
      List<int[]> free =
          Generator.greedy(lm, prompts, null, new GenerationSettings(12, 8, new int[0]));
      // A token that some rows generate early on, and others never.
      int stop = free.get(0)[1];
      List<int[]> stopped =
          Generator.greedy(lm, prompts, null, new GenerationSettings(12, 8, new int[] {stop}));
      for (int i = 0; i < prompts.size(); i++) {
        int[] expected = free.get(i);
        int at = IntStream.range(0, 12).filter(t -> expected[t] == stop).findFirst().orElse(12);
        assertThat(stopped.get(i)).isEqualTo(Arrays.copyOf(expected, at));
      }
      assertThat(stopped.stream().anyMatch(row -> row.length == 12)).isTrue();
    }
  }

  @ParameterizedTest
  @MethodSource("architectures")
  void aPrefixCacheGivesWhatPlainForwardPassesGive(ModelConfig config) {
    try (CausalLm lm = TinyModels.model(config, dir, 7)) {
      List<int[]> prompts = sequences(6, 1, 14);
      int[][] tails = sequences(30, 3, 3).toArray(int[][]::new);
      List<int[]> joined = new ArrayList<>();
      for (int[] prompt : prompts) {
        for (int[] tail : tails) {
          joined.add(concat(prompt, tail));
        }
      }
      float[][] expected = lm.nextLogProbs(joined, null);
      try (PrefixCache cache = lm.prefix(prompts)) {
        assertClose(lm.nextLogProbs(cache, tails), expected);
        // Attempts must leave the cache as it was.
        assertClose(lm.nextLogProbs(cache, tails), expected);
        float[][] mean = lm.meanNextLogProbs(cache, tails);
        float[][] probabilities = lm.meanNextProbs(cache, tails);
        for (int j = 0; j < tails.length; j++) {
          for (int v = 0; v < config.vocabSize(); v += 17) {
            int token = v;
            int tail = j;
            assertThat((double) mean[j][v])
                .isCloseTo(
                    over(prompts, i -> expected[i * tails.length + tail][token]), within(2e-5));
            assertThat((double) probabilities[j][v])
                .isCloseTo(
                    over(prompts, i -> Math.exp(expected[i * tails.length + tail][token])),
                    within(2e-6));
          }
        }
      }
    }
  }

  @Test
  void virtualIdsReadTheSoftPromptsRows() {
    try (CausalLm lm = TinyModels.model(TinyModels.llama(), dir, 8)) {
      float[] embedding = lm.parameters().get(0).values();
      int[] tokens = {11, 200, 31};
      float[][] rows = new float[3][];
      for (int k = 0; k < 3; k++) {
        rows[k] = Arrays.copyOfRange(embedding, tokens[k] * 32, tokens[k] * 32 + 32);
      }
      try (SoftPrompt soft = SoftPrompt.of(lm, rows)) {
        int[] ids = soft.ids();
        assertThat(ids).containsExactly(260, 261, 262);
        List<int[]> virtual = List.of(new int[] {5, ids[2], 9, ids[0], ids[1]}, new int[] {ids[1]});
        List<int[]> real = List.of(new int[] {5, 31, 9, 11, 200}, new int[] {200});
        assertClose(lm.nextLogProbs(virtual, soft), lm.nextLogProbs(real, null));
        GenerationSettings settings = new GenerationSettings(6, 4, new int[0]);
        List<int[]> generated = Generator.greedy(lm, virtual, soft, settings);
        List<int[]> expected = Generator.greedy(lm, real, null, settings);
        for (int i = 0; i < expected.size(); i++) {
          assertThat(generated.get(i)).isEqualTo(expected.get(i));
        }
      }
    }
  }

  @Test
  void threadsMayReadOneModelAtTheSameTime() {
    try (CausalLm lm = TinyModels.model(TinyModels.llama(), dir, 11)) {
      List<int[]> sequences = sequences(5, 3, 9);
      float[][] expected = lm.nextLogProbs(sequences, null);
      GenerationSettings settings = new GenerationSettings(5, 4, new int[0]);
      List<int[]> tokens = Generator.greedy(lm, sequences, null, settings);
      boolean same =
          IntStream.range(0, 40)
              .parallel()
              .allMatch(
                  i ->
                      Arrays.deepEquals(lm.nextLogProbs(sequences, null), expected)
                          && Arrays.deepEquals(
                              Generator.greedy(lm, sequences, null, settings).toArray(),
                              tokens.toArray()));
      assertThat(same).isTrue();
    }
  }

  @Test
  void aClosedModelThrowsInsteadOfCrashing() {
    CausalLm lm = TinyModels.model(TinyModels.llama(), dir, 12);
    PrefixCache cache = lm.prefix(List.of(new int[] {1, 2}));
    cache.close();
    assertThatThrownBy(() -> lm.nextLogProbs(cache, new int[][] {{1}}))
        .isInstanceOf(RuntimeException.class);
    lm.close();
    assertThatThrownBy(() -> lm.nextLogProbs(List.of(new int[] {1}), null))
        .isInstanceOf(RuntimeException.class);
  }

  @Test
  void refusesSequencesThatCannotBeRun() {
    try (CausalLm lm = TinyModels.model(TinyModels.llama(), dir, 9)) {
      assertThatThrownBy(() -> lm.nextLogProbs(List.of(new int[65]), null))
          .isInstanceOfSatisfying(
              ProblemException.class,
              e -> {
                assertThat(e.problem().code()).isEqualTo("SEQUENCE_TOO_LONG");
                assertThat(e.problem().sentence()).contains("65").contains("64");
              });
      assertThatThrownBy(
              () -> Generator.greedy(lm, List.of(new int[60]), null, GenerationSettings.of(lm, 5)))
          .isInstanceOf(ProblemException.class)
          .hasMessageContaining("SEQUENCE_TOO_LONG");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> lm.nextLogProbs(List.of(new int[] {260}), null));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> lm.nextLogProbs(List.of(new int[] {-1}), null));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> lm.nextLogProbs(List.of(new int[0]), null));
      assertThatIllegalArgumentException().isThrownBy(() -> lm.prefix(List.of()));
      try (PrefixCache cache = lm.prefix(List.of(new int[] {1}))) {
        assertThatIllegalArgumentException()
            .isThrownBy(() -> lm.meanNextLogProbs(cache, new int[0][]));
        assertThatIllegalArgumentException()
            .isThrownBy(() -> lm.meanNextLogProbs(cache, new int[][] {{1}, {1, 2}}));
      }
      assertThat(lm.nextLogProbs(List.of(), null)).isEmpty();
      assertThat(Generator.greedy(lm, List.of(), null, GenerationSettings.of(lm, 5))).isEmpty();
    }
  }

  @Test
  void weightsThatOverflowAreAProblemAndNoProbability() {
    try (CausalLm lm = TinyModels.model(TinyModels.llama(), dir, 10)) {
      TensorMemory.forEachSlice(
          NativeParameter.of(lm.parameters().get(1)).array(),
          (first, values) -> values.put(0, Float.NaN));
      assertThatThrownBy(() -> lm.nextLogProbs(List.of(new int[] {1, 2}), null))
          .hasMessageContaining("MODEL_OUTPUT_NOT_FINITE");
      assertThatThrownBy(() -> lm.loss(TinyModels.examples(), null))
          .hasMessageContaining("MODEL_OUTPUT_NOT_FINITE");
      assertThatThrownBy(
              () ->
                  Generator.greedy(
                      lm, List.of(new int[] {1, 2}), null, GenerationSettings.of(lm, 3)))
          .hasMessageContaining("MODEL_OUTPUT_NOT_FINITE");
    }
  }

  private static int[] slowGreedy(CausalLm lm, int[] prompt, SoftPrompt soft, int max) {
    int[] sequence = prompt;
    while (sequence.length < prompt.length + max) {
      float[] next = lm.nextLogProbs(List.of(sequence), soft)[0];
      int best =
          IntStream.range(0, next.length).reduce((a, b) -> next[b] > next[a] ? b : a).orElseThrow();
      if (best == EOS_LIKE) {
        break;
      }
      sequence = append(sequence, best);
    }
    return Arrays.copyOfRange(sequence, prompt.length, sequence.length);
  }

  static List<int[]> sequences(int count, int shortest, int longest) {
    SplittableRandom random = new SplittableRandom(count * 31L + longest);
    return IntStream.range(0, count)
        .mapToObj(i -> TinyModels.tokens(random, random.nextInt(shortest, longest + 1)))
        .toList();
  }

  private static double over(List<int[]> prompts, java.util.function.IntToDoubleFunction value) {
    return IntStream.range(0, prompts.size()).mapToDouble(value).average().orElseThrow();
  }

  private static float[][] meanOf(float[][] rows, int group) {
    float[][] mean = new float[rows.length / group][rows[0].length];
    for (int i = 0; i < rows.length; i++) {
      for (int v = 0; v < rows[i].length; v++) {
        mean[i / group][v] += rows[i][v] / group;
      }
    }
    return mean;
  }

  private static void assertClose(float[][] actual, float[][] expected) {
    assertThat(actual).hasDimensions(expected.length, expected[0].length);
    for (int i = 0; i < expected.length; i++) {
      Closeness.assertClose("row " + i, actual[i], expected[i], TOLERANCE);
    }
  }

  private static double distance(float[] a, float[] b) {
    return IntStream.range(0, a.length).mapToDouble(i -> Math.abs(a[i] - b[i])).max().orElseThrow();
  }

  private static int[] append(int[] ids, int id) {
    int[] longer = Arrays.copyOf(ids, ids.length + 1);
    longer[ids.length] = id;
    return longer;
  }

  private static int[] concat(int[] a, int[] b) {
    return IntStream.concat(IntStream.of(a), IntStream.of(b)).toArray();
  }
}
