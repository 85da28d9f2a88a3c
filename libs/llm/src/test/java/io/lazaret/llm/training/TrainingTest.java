package io.lazaret.llm.training;

import static io.lazaret.llm.Closeness.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import io.lazaret.llm.CausalLm;
import io.lazaret.llm.Example;
import io.lazaret.llm.ModelConfig;
import io.lazaret.llm.Parameter;
import io.lazaret.llm.PrefixCache;
import io.lazaret.llm.SoftPrompt;
import io.lazaret.llm.TinyModels;
import io.lazaret.llm.Tokenizer;
import io.lazaret.llm.WeightType;
import io.lazaret.llm.tensor.NativeParameter;
import io.lazaret.llm.tensor.TensorMemory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TrainingTest {

  @TempDir Path dir;

  static Stream<ModelConfig> architectures() {
    return Stream.of(TinyModels.llama(), TinyModels.qwen2());
  }

  @Test
  void learnsASequenceByHeart() {
    try (CausalLm lm =
        CausalLm.initialise(
            TinyModels.llama(), Tokenizer.open(TinyModels.writeTokenizer(dir)), 1)) {
      List<Example> batch = TinyModels.examples();
      double before = lm.loss(batch, null);
      train(lm, batch, 60);
      assertThat(before).isBetween(5.0, 6.0);
      assertThat(lm.loss(batch, null)).isLessThan(0.5);
    }
  }

  @Test
  void theLossIsTheMeanOverAllSupervisedTokens() {
    try (CausalLm lm = TinyModels.model(TinyModels.llama(), dir, 2)) {
      List<Example> batch = TinyModels.examples();
      double sum = 0;
      int count = 0;
      for (Example example : batch) {
        int[] prompt = Arrays.copyOf(example.ids(), example.from());
        int[] tail = Arrays.copyOfRange(example.ids(), example.from(), example.to());
        for (float p : lm.continuationLogProbs(List.of(prompt), List.of(tail), null)[0]) {
          sum -= p;
          count++;
        }
      }
      assertThat(lm.loss(batch, null)).isCloseTo(sum / count, within(1e-5));
    }
  }

  @ParameterizedTest
  @MethodSource("architectures")
  void gradientsAreTheSlopesOfTheLoss(ModelConfig config) {
    try (CausalLm lm = TinyModels.model(config, dir, 3);
        SoftPrompt soft = SoftPrompt.random(lm, 3, 0.5, 1)) {
      List<Example> batch = withVirtualIds(soft);
      lm.requireGradients(true);
      lm.backward(batch, soft, 1);
      List<Parameter> all = new ArrayList<>(lm.parameters());
      all.add(soft.parameter());
      SplittableRandom random = new SplittableRandom(4);
      for (Parameter parameter : all) {
        float[] direction = new float[(int) parameter.size()];
        double slope = 0;
        float[] gradient = parameter.gradients();
        for (int i = 0; i < direction.length; i++) {
          direction[i] = (float) random.nextGaussian();
          slope += (double) direction[i] * gradient[i];
        }
        double step = 1e-2 / Math.sqrt(direction.length);
        shift(parameter, direction, step);
        double above = lm.loss(batch, soft);
        shift(parameter, direction, -2 * step);
        double below = lm.loss(batch, soft);
        shift(parameter, direction, step);
        assertThat(slope)
            .as(parameter.name())
            .isCloseTo((above - below) / (2 * step), within(5e-3 + 0.02 * Math.abs(slope)));
      }
    }
  }

  @Test
  void backwardPassesAddUpWithTheirWeights() {
    try (CausalLm lm = TinyModels.model(TinyModels.qwen2(), dir, 4)) {
      List<Example> batch = TinyModels.examples();
      lm.requireGradients(true);
      lm.backward(batch, null, 1);
      float[] once = lm.parameters().get(0).gradients();
      lm.backward(batch, null, -0.5);
      lm.backward(batch, null, 0.75);
      float[] expected = new float[once.length];
      for (int i = 0; i < once.length; i++) {
        expected[i] = 1.25f * once[i];
      }
      assertClose("embedding", lm.parameters().get(0).gradients(), expected, 1e-6);
    }
  }

  @Test
  void aSoftPromptLearnsWhileTheWeightsStayPut() {
    try (CausalLm lm = TinyModels.model(TinyModels.llama(), dir, 5);
        SoftPrompt soft = SoftPrompt.zeros(lm, 3);
        AdamW adam = new AdamW(List.of(soft.parameter()), AdamW.Settings.sande())) {
      List<float[]> before = lm.parameters().stream().map(Parameter::values).toList();
      List<Example> batch = withVirtualIds(soft);
      double first = lm.loss(batch, soft);
      for (int step = 0; step < 80; step++) {
        lm.backward(batch, soft, 1);
        adam.step(0.05);
      }
      assertThat(lm.loss(batch, soft)).isLessThan(first - 1);
      assertThat(soft.meanNorm()).isGreaterThan(0.5);
      for (int i = 0; i < before.size(); i++) {
        assertThat(lm.parameters().get(i).values()).isEqualTo(before.get(i));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("architectures")
  void substitutionScoresAreTheSlopesTowardsEveryToken(ModelConfig config) {
    try (CausalLm lm = TinyModels.model(config, dir, 6)) {
      List<Example> batch =
          List.of(
              new Example(new int[] {1, 2, 3, 4, 5, 6, 7}, 5, 7),
              new Example(new int[] {9, 8, 7, 6, 5}, 4, 5),
              new Example(new int[] {20, 21, 22, 23, 24, 25, 26, 27}, 6, 8));
      int[][] one = {{2}, {1}, {3}};
      int[][] several = {{0, 3}, {}, {5}};
      float[][] scores = lm.substitutionScores(batch, List.of(one, several));
      assertThat(scores).hasDimensions(2, config.vocabSize());
      for (int token : new int[] {0, 33, 144, 259}) {
        assertThat((double) scores[0][token])
            .isCloseTo(slopeTowards(lm, batch, one, token), within(0.02));
        assertThat((double) scores[1][token])
            .isCloseTo(slopeTowards(lm, batch, several, token), within(0.02));
      }
    }
  }

  /** Central difference of minus the loss as a token's embedding is mixed into the positions. */
  private static double slopeTowards(
      CausalLm lm, List<Example> batch, int[][] positions, int token) {
    double step = 0.01;
    return -(mixedLoss(lm, batch, positions, token, step)
            - mixedLoss(lm, batch, positions, token, -step))
        / (2 * step);
  }

  private static double mixedLoss(
      CausalLm lm, List<Example> batch, int[][] positions, int token, double amount) {
    int width = lm.config().hiddenSize();
    float[] embedding = lm.parameters().get(0).values();
    List<float[]> rows = new ArrayList<>();
    List<Example> mixed = new ArrayList<>();
    for (int b = 0; b < batch.size(); b++) {
      int[] ids = batch.get(b).ids().clone();
      for (int position : positions[b]) {
        float[] row = new float[width];
        for (int d = 0; d < width; d++) {
          row[d] =
              (float)
                  (embedding[ids[position] * width + d] + amount * embedding[token * width + d]);
        }
        ids[position] = lm.config().vocabSize() + rows.size();
        rows.add(row);
      }
      mixed.add(new Example(ids, batch.get(b).from(), batch.get(b).to()));
    }
    try (SoftPrompt soft = SoftPrompt.of(lm, rows.toArray(float[][]::new))) {
      return lm.loss(mixed, soft);
    }
  }

  @Test
  void theSameSeedGivesTheSameBytes() throws Exception {
    byte[][] saved = new byte[2][];
    for (int run = 0; run < 2; run++) {
      Path home = Files.createDirectory(dir.resolve("run" + run));
      try (CausalLm lm = TinyModels.model(TinyModels.qwen2(), home, 9)) {
        train(lm, TinyModels.examples(), 8);
        lm.save(home.resolve("model"), WeightType.FP32);
        saved[run] = Files.readAllBytes(home.resolve("model/model.safetensors"));
      }
    }
    assertThat(saved[0]).isEqualTo(saved[1]);
    try (CausalLm other = TinyModels.model(TinyModels.qwen2(), dir, 10)) {
      train(other, TinyModels.examples(), 8);
      other.save(dir.resolve("other"), WeightType.FP32);
      assertThat(Files.readAllBytes(dir.resolve("other/model.safetensors"))).isNotEqualTo(saved[0]);
    }
  }

  @Test
  void threeHundredStepsLeaveNoArraysBehind() {
    try (CausalLm lm = TinyModels.model(TinyModels.llama(), dir, 11);
        SoftPrompt soft = SoftPrompt.zeros(lm, 3);
        PrefixCache cache = lm.prefix(List.of(new int[] {1, 2, 3}))) {
      lm.requireGradients(true);
      List<Example> batch = withVirtualIds(soft);
      try (AdamW adam = new AdamW(List.of(soft.parameter()), AdamW.Settings.sande())) {
        int before = 0;
        for (int step = 0; step < 300; step++) {
          if (step == 5) {
            before = lm.decoder().managedArrays();
          }
          lm.backward(batch, soft, 1);
          adam.step(1e-3);
          lm.loss(batch, soft);
          lm.meanNextLogProbs(cache, new int[][] {{4}, {5}});
          lm.substitutionScores(List.of(new Example(new int[] {1, 2, 3}, 2, 3)), slot());
        }
        assertThat(lm.decoder().managedArrays()).isEqualTo(before);
      }
    }
  }

  private static List<int[][]> slot() {
    int[][] positions = {{0}};
    return List.of(positions, positions);
  }

  @Test
  void modelsTrainAtTheSameTimeOnThreadsOfTheirOwn() {
    List<CompletableFuture<float[]>> jobs =
        Stream.of("a", "b", "c")
            .map(name -> CompletableFuture.supplyAsync(() -> trainedEmbedding(name)))
            .toList();
    float[] alone = trainedEmbedding("alone");
    for (CompletableFuture<float[]> job : jobs) {
      assertThat(job.join()).isEqualTo(alone);
    }
  }

  private float[] trainedEmbedding(String name) {
    try (CausalLm lm =
        TinyModels.model(TinyModels.llama(), Files.createDirectory(dir.resolve(name)), 12)) {
      train(lm, TinyModels.examples(), 15);
      return lm.parameters().get(0).values();
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  void aCopyHasItsOwnWeights() {
    try (CausalLm lm = TinyModels.model(TinyModels.qwen2(), dir, 13);
        CausalLm copy = lm.copy()) {
      List<int[]> sequence = List.of(new int[] {1, 2, 3});
      float[] before = lm.nextLogProbs(sequence, null)[0];
      assertThat(copy.nextLogProbs(sequence, null)[0]).isEqualTo(before);
      train(copy, TinyModels.examples(), 3);
      assertThat(lm.nextLogProbs(sequence, null)[0]).isEqualTo(before);
      assertThat(copy.nextLogProbs(sequence, null)[0]).isNotEqualTo(before);
    }
  }

  @Test
  void refusesWhatCannotBeTrained() {
    try (CausalLm lm = TinyModels.model(TinyModels.llama(), dir, 14);
        SoftPrompt soft = SoftPrompt.zeros(lm, 2)) {
      assertThatIllegalStateException()
          .isThrownBy(() -> lm.backward(TinyModels.examples(), null, 1));
      lm.requireGradients(true);
      assertThatIllegalArgumentException().isThrownBy(() -> lm.backward(List.of(), null, 1));
      assertThatIllegalArgumentException().isThrownBy(() -> new Example(new int[] {1, 2}, 0, 2));
      assertThatIllegalArgumentException().isThrownBy(() -> new Example(new int[] {1, 2}, 1, 1));
      int[] virtual = {1, soft.ids()[0], soft.ids()[1]};
      assertThatIllegalArgumentException()
          .isThrownBy(() -> lm.loss(List.of(new Example(virtual, 2, 3)), soft));
    }
  }

  static List<Example> withVirtualIds(SoftPrompt soft) {
    List<Example> batch = new ArrayList<>();
    for (Example example : TinyModels.examples()) {
      int[] ids = new int[example.ids().length + soft.length()];
      System.arraycopy(soft.ids(), 0, ids, 1, soft.length());
      ids[0] = example.ids()[0];
      System.arraycopy(example.ids(), 1, ids, 1 + soft.length(), example.ids().length - 1);
      batch.add(new Example(ids, example.from() + soft.length(), ids.length));
    }
    return batch;
  }

  private static void train(CausalLm lm, List<Example> batch, int steps) {
    lm.requireGradients(true);
    try (AdamW adam = new AdamW(lm.parameters(), AdamW.Settings.sande())) {
      for (int step = 0; step < steps; step++) {
        lm.backward(batch, null, 1);
        adam.step(1e-2);
      }
    }
  }

  private static void shift(Parameter parameter, float[] direction, double step) {
    TensorMemory.forEachSlice(
        NativeParameter.of(parameter).array(),
        (first, values) -> {
          for (int i = 0; i < values.limit(); i++) {
            values.put(i, (float) (values.get(i) + step * direction[(int) first + i]));
          }
        });
  }
}
