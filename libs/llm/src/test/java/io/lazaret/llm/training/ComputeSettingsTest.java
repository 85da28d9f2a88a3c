package io.lazaret.llm.training;

import static io.lazaret.llm.Closeness.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.lazaret.llm.CausalLm;
import io.lazaret.llm.Closeness;
import io.lazaret.llm.ComputeSettings;
import io.lazaret.llm.ComputeSettings.Precision;
import io.lazaret.llm.Example;
import io.lazaret.llm.ModelConfig;
import io.lazaret.llm.Parameter;
import io.lazaret.llm.PrefixCache;
import io.lazaret.llm.SoftPrompt;
import io.lazaret.llm.TinyModels;
import io.lazaret.llm.arch.Attention;
import io.lazaret.llm.tensor.NativeParameter;
import io.lazaret.problem.ProblemException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every way to compute a gradient gives the gradient of the plain way. */
class ComputeSettingsTest {

  private static final ComputeSettings PLAIN = ComputeSettings.standard();

  /** Ids that every fixture's vocabulary has. */
  private static final int SMALL_VOCAB = 60;

  @TempDir Path dir;

  static Stream<Named<ModelConfig>> architectures() {
    return TinyModels.architectures();
  }

  @ParameterizedTest
  @MethodSource("architectures")
  void checkpointingGivesTheSameGradients(ModelConfig config) {
    assertSameGradients(config, PLAIN.withCheckpointing(true));
  }

  @ParameterizedTest
  @MethodSource("architectures")
  void lossChunksGiveTheSameGradients(ModelConfig config) {
    for (int chunk : new int[] {1, 3, 7, 1_000}) {
      assertSameGradients(config, PLAIN.withLossChunk(chunk));
    }
  }

  @ParameterizedTest
  @MethodSource("architectures")
  void microBatchesAddUpToTheBatch(ModelConfig config) {
    for (int sequences : new int[] {1, 2, 4}) {
      assertSameGradients(config, PLAIN.withMicroBatch(sequences));
    }
  }

  @ParameterizedTest
  @MethodSource("architectures")
  void allOfThemTogether(ModelConfig config) {
    assertSameGradients(config, new ComputeSettings(Precision.FP32, 3, true, 5));
  }

  private void assertSameGradients(ModelConfig config, ComputeSettings settings) {
    try (CausalLm lm = TinyModels.model(config, dir, 1);
        SoftPrompt soft = SoftPrompt.random(lm, 3, 0.5, 2)) {
      lm.requireGradients(true);
      Gradients plain = Gradients.of(lm, soft);
      lm.configure(settings);
      Gradients other = Gradients.of(lm, soft);
      assertThat(other.loss).isCloseTo(plain.loss, within(1e-5));
      assertThat(lm.loss(examples(soft), soft)).isCloseTo(plain.loss, within(1e-5));
      plain.byName.forEach(
          (name, gradient) ->
              assertClose(
                  name,
                  other.byName.get(name),
                  gradient,
                  1e-6 * Math.max(1, Closeness.norm(gradient))));
    }
  }

  @ParameterizedTest
  @MethodSource("architectures")
  void bfloat16FollowsThirtyTwoBits(ModelConfig config) {
    try (CausalLm lm = TinyModels.model(config, dir, 3);
        SoftPrompt soft = SoftPrompt.random(lm, 3, 0.5, 4)) {
      lm.requireGradients(true);
      Gradients full = Gradients.of(lm, soft);
      for (boolean checkpointing : new boolean[] {false, true}) {
        lm.configure(PLAIN.with(Precision.BF16).withCheckpointing(checkpointing));
        Gradients half = Gradients.of(lm, soft);
        assertThat(half.loss).isNotEqualTo(full.loss);
        assertThat(half.loss).isCloseTo(full.loss, within(0.05));
        full.byName.forEach(
            (name, gradient) -> {
              // A gradient that is zero but for rounding has no direction.
              if (Closeness.norm(gradient) > 1e-5) {
                assertThat(cosine(gradient, half.byName.get(name))).as(name).isGreaterThan(0.9);
              }
            });
      }
      // Scoring and cached decoding run in bfloat16 too.
      float[] after = lm.nextLogProbs(List.of(new int[] {1, 2, 3, 4}), null)[0];
      try (PrefixCache cache = lm.prefix(List.of(new int[] {1, 2, 3}))) {
        assertClose("cached", lm.nextLogProbs(cache, new int[][] {{4}})[0], after, 0.15);
      }
      lm.configure(PLAIN);
      assertThat(Gradients.of(lm, soft).loss).isEqualTo(full.loss);
    }
  }

  @Test
  void bfloat16TrainsMasterWeightsOfThirtyTwoBits() {
    try (CausalLm lm = TinyModels.model(TinyModels.llama(), dir, 5)) {
      lm.requireGradients(true);
      lm.configure(PLAIN.with(Precision.BF16));
      List<Example> batch = examples();
      double before = lm.loss(batch, null);
      float[] weights = lm.parameters().get(0).values();
      try (AdamW adam = new AdamW(lm.trainable(), AdamW.Settings.sande())) {
        lm.backward(batch, null, 1);
        // Far below the distance of neighbouring bfloat16 numbers.
        adam.step(1e-6);
        assertThat(lm.parameters().get(0).values()).isNotEqualTo(weights);
        for (int step = 0; step < 40; step++) {
          lm.backward(batch, null, 1);
          adam.step(1e-2);
        }
      }
      assertThat(lm.loss(batch, null)).isLessThan(before / 2);
    }
  }

  @ParameterizedTest
  @MethodSource("architectures")
  void chosenWeightsHaveTheGradientsOfTheWhole(ModelConfig config) {
    try (CausalLm lm = TinyModels.model(config, dir, 6)) {
      List<Example> batch = examples();
      lm.requireGradients(true);
      lm.backward(batch, null, 1);
      Map<String, float[]> all = new LinkedHashMap<>();
      lm.parameters().forEach(p -> all.put(p.name(), p.gradients()));
      for (boolean checkpointing : new boolean[] {false, true}) {
        try (CausalLm other = TinyModels.model(config, dir, 6)) {
          String last = "." + (config.layers() - 1) + ".";
          other.requireGradients(name -> name.contains(last));
          other.configure(PLAIN.withCheckpointing(checkpointing));
          assertThat(other.trainable()).isNotEmpty().hasSizeLessThan(all.size());
          other.backward(batch, null, 1);
          for (Parameter parameter : other.parameters()) {
            boolean chosen = parameter.name().contains(last);
            assertThat(NativeParameter.of(parameter).holdsGradient())
                .as(parameter.name())
                .isEqualTo(chosen);
            if (chosen) {
              float[] expected = all.get(parameter.name());
              assertClose(parameter.name(), parameter.gradients(), expected, 1e-6);
            }
          }
        }
      }
    }
  }

  @Test
  void aSoftPromptStepHoldsNoWeightGradients() {
    try (CausalLm lm = TinyModels.model(TinyModels.llama(), dir, 7);
        SoftPrompt soft = SoftPrompt.random(lm, 3, 0.5, 2)) {
      lm.backward(examples(soft), soft, 1);
      assertThat(lm.parameters()).noneMatch(p -> NativeParameter.of(p).holdsGradient());
    }
  }

  @Test
  void anOptimiserOutlivesAPauseInWhichGradientsAreGivenUp() {
    try (CausalLm lm = TinyModels.model(TinyModels.llama(), dir, 7);
        CausalLm twin = TinyModels.model(TinyModels.llama(), dir, 7)) {
      lm.requireGradients(true);
      twin.requireGradients(true);
      try (AdamW adam = new AdamW(lm.trainable(), AdamW.Settings.sande());
          AdamW other = new AdamW(twin.trainable(), AdamW.Settings.sande())) {
        for (int step = 0; step < 3; step++) {
          lm.backward(examples(), null, 1);
          twin.backward(examples(), null, 1);
          adam.step(1e-2);
          other.step(1e-2);
          lm.requireGradients(false);
          assertThat(lm.parameters()).noneMatch(p -> NativeParameter.of(p).holdsGradient());
          lm.requireGradients(true);
        }
      }
      for (int i = 0; i < lm.parameters().size(); i++) {
        float[] expected = twin.parameters().get(i).values();
        assertThat(lm.parameters().get(i).values()).isEqualTo(expected);
      }
    }
  }

  @Test
  void aLossThatRisesForGoodEndsTheRun() {
    DivergenceGuard guard = new DivergenceGuard(new DivergenceGuard.Settings(0.5, 2, 3));
    // A single bad batch is no divergence.
    for (double loss : new double[] {5, 4, 2, 9, 2, 1, 1, 1, 1, 1, 6, 6}) {
      assertThat(guard.check(loss)).isEqualTo(loss);
    }
    assertThatThrownBy(() -> guard.check(6))
        .isInstanceOfSatisfying(
            ProblemException.class,
            e -> {
              assertThat(e.problem().code()).isEqualTo("TRAINING_DIVERGED");
              assertThat(e.problem().sentence()).contains("for 3 steps");
            });
    assertThatThrownBy(() -> new DivergenceGuard(DivergenceGuard.Settings.standard()).check(1 / 0.))
        .hasMessageContaining("TRAINING_DIVERGED");
  }

  @Test
  void aLossThatIsNotANumberDropsItsGradientsAndLeavesTheWeights() {
    try (CausalLm lm = TinyModels.model(TinyModels.llama(), dir, 8)) {
      lm.requireGradients(true);
      lm.configure(PLAIN.withMicroBatch(1));
      Parameter head = lm.parameters().get(lm.parameters().size() - 1);
      float[] good = head.values();
      float[] bad = good.clone();
      bad[5] = Float.NaN;
      head.set(bad);
      assertThatThrownBy(() -> lm.backward(examples(), null, 1))
          .isInstanceOfSatisfying(
              ProblemException.class,
              e -> {
                assertThat(e.problem().code()).isEqualTo("TRAINING_DIVERGED");
                assertThat(e.problem().nextStep()).contains("learning rate");
              });
      for (Parameter parameter : lm.parameters()) {
        assertThat(parameter.gradients()).as(parameter.name()).containsOnly(0);
      }
      head.set(good);
      assertThat(lm.backward(examples(), null, 1)).isFinite();
    }
  }

  @Test
  void aPassWithoutMemoryDropsItsGradientsAndLeavesTheWeights() {
    // A window needs a mask of length times length: more than an address space holds.
    int length = 1 << 22;
    ModelConfig plain = ModelConfig.llama(TinyModels.VOCAB, 4, 2, 2, 2, 4, length, -1, -1);
    try (CausalLm lm = TinyModels.model(windowed(plain, 16), dir, 9)) {
      lm.requireGradients(true);
      lm.configure(PLAIN.withMicroBatch(1));
      List<float[]> before = lm.parameters().stream().map(Parameter::values).toList();
      List<Example> batch = new ArrayList<>(examples());
      batch.add(new Example(new int[length], 1, 2));
      assertThatThrownBy(() -> lm.backward(batch, null, 1))
          .isInstanceOfSatisfying(
              ProblemException.class,
              e -> {
                assertThat(e.problem().code()).isEqualTo("OUT_OF_MEMORY");
                assertThat(e.problem().nextStep()).contains("micro-batch");
              });
      for (int i = 0; i < before.size(); i++) {
        Parameter parameter = lm.parameters().get(i);
        assertThat(parameter.gradients()).as(parameter.name()).containsOnly(0);
        assertThat(parameter.values()).as(parameter.name()).isEqualTo(before.get(i));
      }
      assertThat(lm.backward(examples(), null, 1)).isFinite();
    }
  }

  private static ModelConfig windowed(ModelConfig c, int window) {
    Attention a = c.attention();
    List<Integer> windows = Collections.nCopies(c.layers(), window);
    return new ModelConfig(
        ModelConfig.MISTRAL,
        c.vocabSize(),
        c.hiddenSize(),
        c.layers(),
        c.heads(),
        c.kvHeads(),
        c.headDim(),
        c.intermediateSize(),
        c.contextLength(),
        c.rope(),
        c.norm(),
        new Attention(
            a.layout(), a.qkvBias(), a.outputBias(), a.headNorms(), a.scale(), 0, windows),
        c.feedForward(),
        c.embeddingScale(),
        c.logitCap(),
        c.tiedHead(),
        c.bosId(),
        c.eosId(),
        c.eosIds(),
        c.prefix());
  }

  @Test
  void refusesNegativeSizes() {
    assertThatIllegalArgumentException().isThrownBy(() -> PLAIN.withMicroBatch(-1));
    assertThatIllegalArgumentException().isThrownBy(() -> PLAIN.withLossChunk(-1));
  }

  /** As those with a soft prompt, without it. */
  static List<Example> examples() {
    List<Example> batch = new ArrayList<>();
    SplittableRandom random = new SplittableRandom(10);
    for (int i = 0; i < 6; i++) {
      batch.add(new Example(random.ints(6 + i, 0, SMALL_VOCAB).toArray(), 2, 6 + i));
    }
    return batch;
  }

  /** The soft prompt somewhere inside, supervised spans of unequal length. */
  static List<Example> examples(SoftPrompt soft) {
    List<Example> batch = new ArrayList<>();
    SplittableRandom random = new SplittableRandom(9);
    for (int i = 0; i < 6; i++) {
      int[] tokens = random.ints(7 + i, 0, SMALL_VOCAB).toArray();
      int[] ids = new int[tokens.length + soft.length()];
      int at = i % 3;
      System.arraycopy(tokens, 0, ids, 0, at);
      System.arraycopy(soft.ids(), 0, ids, at, soft.length());
      System.arraycopy(tokens, at, ids, at + soft.length(), tokens.length - at);
      batch.add(new Example(ids, at + soft.length() + 1 + i % 2, ids.length - i % 3));
    }
    return batch;
  }

  private static double cosine(float[] a, float[] b) {
    double dot = 0;
    for (int i = 0; i < a.length; i++) {
      dot += (double) a[i] * b[i];
    }
    return dot / Closeness.norm(a) / Closeness.norm(b);
  }

  /** Loss and gradients of one backward pass from empty gradient sums. */
  private record Gradients(double loss, Map<String, float[]> byName) {
    static Gradients of(CausalLm lm, SoftPrompt soft) {
      List<Parameter> trained = new ArrayList<>(lm.trainable());
      trained.add(soft.parameter());
      trained.forEach(Gradients::empty);
      double loss = lm.backward(examples(soft), soft, 1);
      Map<String, float[]> byName = new LinkedHashMap<>();
      trained.forEach(p -> byName.put(p.name(), p.gradients()));
      return new Gradients(loss, byName);
    }

    private static void empty(Parameter parameter) {
      float[] values = parameter.gradients();
      for (int i = 0; i < values.length; i++) {
        values[i] = -values[i];
      }
      parameter.addGradient(values);
    }
  }
}
