package io.lazaret.llm.training;

import static io.lazaret.llm.Closeness.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
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
import io.lazaret.llm.adapter.LoraAdapter;
import io.lazaret.llm.adapter.LoraAdapter.Factors;
import io.lazaret.llm.adapter.LoraConfig;
import io.lazaret.llm.files.WeightLayout;
import io.lazaret.llm.tensor.NativeParameter;
import io.lazaret.problem.ProblemException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LoraTest {

  @TempDir Path dir;

  static Stream<Named<ModelConfig>> architectures() {
    return TinyModels.architectures();
  }

  /** All matrices of the layers, whatever the architecture calls them. */
  static LoraConfig everywhere(CausalLm lm) {
    return everywhere(lm.config());
  }

  static LoraConfig everywhere(ModelConfig config) {
    List<String> targets =
        WeightLayout.of(config).stream()
            .filter(w -> w.shape().length == 2 && w.name().matches(".*\\.[0-9]+\\..*"))
            .map(w -> w.name().replaceFirst("\\.weight$", ""))
            .toList();
    return new LoraConfig(3, 6, false, targets);
  }

  /** Adapters whose B is not zero. */
  static Lora rough(CausalLm lm, LoraConfig config) {
    Lora lora = Lora.attach(lm, config, 1);
    SplittableRandom random = new SplittableRandom(2);
    for (Parameter parameter : lora.parameters()) {
      float[] values = new float[(int) parameter.size()];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) (0.2 * random.nextGaussian());
      }
      NativeParameter.of(parameter).array().set(values);
    }
    return lora;
  }

  @ParameterizedTest
  @MethodSource("architectures")
  void newAdaptersChangeNothing(ModelConfig config) {
    try (CausalLm lm = TinyModels.model(config, dir, 1)) {
      double before = lm.loss(ComputeSettingsTest.examples(), null);
      try (Lora lora = Lora.attach(lm, everywhere(lm), 3)) {
        assertThat(lm.loss(ComputeSettingsTest.examples(), null)).isEqualTo(before);
        for (Factors factors : lora.adapter().factors().values()) {
          assertThat(factors.b()).containsOnly(0);
          float bound = (float) Math.sqrt(1.0 / factors.inputs());
          assertThat(factors.a()).doesNotContain(0);
          for (float a : factors.a()) {
            assertThat(a).isBetween(-bound, bound);
          }
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("architectures")
  void gradientsAreThoseOfTheMergedWeightsProjected(ModelConfig config) {
    List<Example> batch = ComputeSettingsTest.examples();
    try (CausalLm lm = TinyModels.model(config, dir, 2);
        CausalLm merged = TinyModels.model(config, dir, 2)) {
      try (Lora lora = rough(lm, everywhere(lm))) {
        Lora.attach(merged, lora.adapter()).merge();
        merged.requireGradients(true);
        assertThat(lm.backward(batch, null, 1))
            .isCloseTo(merged.backward(batch, null, 1), within(1e-5));
        Map<String, Parameter> full = new HashMap<>();
        merged.parameters().forEach(p -> full.put(p.name(), p));
        List<Parameter> pairs = lora.parameters();
        for (int i = 0; i < pairs.size(); i += 2) {
          String weight = pairs.get(i).name().replace("lora_A.weight", "weight");
          Factors factors = lora.adapter().factors().get(weight);
          float[] dw = full.get(weight).gradients();
          float[] turned = config.transposed() ? transpose(factors, dw) : dw;
          assertProjected(factors, turned, pairs.get(i), pairs.get(i + 1));
        }
        assertThat(lm.parameters()).noneMatch(p -> NativeParameter.of(p).holdsGradient());
      }
    }
  }

  /** From [in, out] to [out, in]. */
  private static float[] transpose(Factors v, float[] dw) {
    float[] turned = new float[dw.length];
    for (int i = 0; i < v.inputs(); i++) {
      for (int o = 0; o < v.outputs(); o++) {
        turned[o * v.inputs() + i] = dw[i * v.outputs() + o];
      }
    }
    return turned;
  }

  /** dA = s · Bᵀ dW and dB = s · dW Aᵀ, with the scale s of {@link #everywhere}. */
  private static void assertProjected(Factors v, float[] dw, Parameter down, Parameter up) {
    int rank = v.rank();
    int in = v.inputs();
    float[] da = new float[rank * in];
    float[] db = new float[v.outputs() * rank];
    for (int o = 0; o < v.outputs(); o++) {
      for (int r = 0; r < rank; r++) {
        for (int i = 0; i < in; i++) {
          da[r * in + i] += 2 * v.b()[o * rank + r] * dw[o * in + i];
          db[o * rank + r] += 2 * v.a()[r * in + i] * dw[o * in + i];
        }
      }
    }
    assertClose(down.name(), down.gradients(), da, 5e-6 * Math.max(1, Closeness.norm(da)));
    assertClose(up.name(), up.gradients(), db, 5e-6 * Math.max(1, Closeness.norm(db)));
  }

  @ParameterizedTest
  @MethodSource("architectures")
  void everyWayToComputeGivesTheSameGradients(ModelConfig config) {
    List<Example> batch = ComputeSettingsTest.examples();
    try (CausalLm lm = TinyModels.model(config, dir, 3);
        Lora lora = rough(lm, everywhere(lm))) {
      lm.backward(batch, null, 1);
      List<float[]> plain = lora.parameters().stream().map(Parameter::gradients).toList();
      lm.configure(new ComputeSettings(Precision.FP32, 2, true, 3));
      lm.backward(batch, null, -2);
      for (int i = 0; i < plain.size(); i++) {
        Parameter parameter = lora.parameters().get(i);
        float[] minus = plain.get(i).clone();
        for (int j = 0; j < minus.length; j++) {
          minus[j] = -minus[j];
        }
        assertClose(parameter.name(), parameter.gradients(), minus, 2e-6);
      }
      double full = lm.loss(batch, null);
      lm.configure(ComputeSettings.standard().with(Precision.BF16));
      assertThat(lm.loss(batch, null)).isCloseTo(full, within(0.05)).isNotEqualTo(full);
      assertThat(lm.backward(batch, null, 1)).isCloseTo(full, within(0.05));
    }
  }

  @ParameterizedTest
  @MethodSource("architectures")
  void mergedWeightsComputeWhatTheAdaptersDid(ModelConfig config) {
    List<int[]> sequence = List.of(new int[] {5, 6, 7, 8});
    try (CausalLm lm = TinyModels.model(config, dir, 4)) {
      float[] plain = lm.nextLogProbs(sequence, null)[0];
      try (Lora lora = rough(lm, everywhere(lm))) {
        float[] adapted = lm.nextLogProbs(sequence, null)[0];
        assertThat(adapted).isNotEqualTo(plain);
        lora.merge();
        assertClose("merged", lm.nextLogProbs(sequence, null)[0], adapted, 2e-5);
        assertThatIllegalStateException().isThrownBy(lora::merge);
        lora.unmerge();
        assertClose("unmerged", lm.nextLogProbs(sequence, null)[0], adapted, 2e-5);
        lora.detach();
        assertClose("detached", lm.nextLogProbs(sequence, null)[0], plain, 2e-5);
        lora.attach();
        assertClose("attached", lm.nextLogProbs(sequence, null)[0], adapted, 2e-5);
      }
      assertClose("closed", lm.nextLogProbs(sequence, null)[0], plain, 2e-5);
    }
  }

  @ParameterizedTest
  @MethodSource("architectures")
  void cachedDecodingUsesTheAdapters(ModelConfig config) {
    try (CausalLm lm = TinyModels.model(config, dir, 5);
        Lora lora = rough(lm, everywhere(lm));
        PrefixCache cache = lm.prefix(List.of(new int[] {1, 2, 3}))) {
      assertThat(lora.parameters()).isNotEmpty();
      assertClose(
          "cached",
          lm.nextLogProbs(cache, new int[][] {{4}})[0],
          lm.nextLogProbs(List.of(new int[] {1, 2, 3, 4}), null)[0],
          2e-5);
    }
  }

  @Test
  void learnsWhileTheWeightsStayPutAndLeavesNothingBehind() {
    try (CausalLm lm = TinyModels.model(TinyModels.qwen2(), dir, 6)) {
      List<float[]> before = lm.parameters().stream().map(Parameter::values).toList();
      List<Example> batch = ComputeSettingsTest.examples();
      double first = lm.loss(batch, null);
      int arrays = 0;
      try (Lora lora = Lora.attach(lm, everywhere(lm), 7);
          AdamW adam = new AdamW(lora.parameters(), AdamW.Settings.sande())) {
        assertThat(lm.trainable()).isEqualTo(lora.parameters());
        for (int step = 0; step < 220; step++) {
          if (step == 5) {
            arrays = lm.decoder().managedArrays();
          }
          lm.configure(ComputeSettings.standard().withCheckpointing(step % 2 == 0));
          lm.backward(batch, null, 1);
          adam.step(1e-2);
        }
        assertThat(lm.decoder().managedArrays()).isEqualTo(arrays);
        assertThat(lm.loss(batch, null)).isLessThan(first / 2);
        assertThat(lm.parameters()).noneMatch(p -> NativeParameter.of(p).holdsGradient());
      }
      for (int i = 0; i < before.size(); i++) {
        assertThat(lm.parameters().get(i).values()).isEqualTo(before.get(i));
      }
      assertThat(lm.loss(batch, null)).isEqualTo(first);
      assertThat(lm.trainable()).isEmpty();
      assertThatIllegalStateException().isThrownBy(() -> lm.backward(batch, null, 1));
    }
  }

  @Test
  void weightsAdaptersAndSoftPromptTrainTogether() {
    try (CausalLm lm = TinyModels.model(TinyModels.llama(), dir, 8);
        SoftPrompt soft = SoftPrompt.random(lm, 3, 0.5, 1);
        Lora lora = rough(lm, new LoraConfig(2, 4, true, List.of("q_proj", "lm_head")))) {
      lm.requireGradients(name -> name.endsWith("norm.weight"));
      List<Parameter> all = new ArrayList<>(lm.trainable());
      all.add(soft.parameter());
      // Two layers with two norms each, the final norm; A and B of two queries and the head.
      assertThat(all).hasSize(5 + 6 + 1);
      lm.backward(ComputeSettingsTest.examples(soft), soft, 1);
      for (Parameter parameter : all) {
        assertThat(parameter.gradients()).as(parameter.name()).isNotEqualTo(zeros(parameter));
      }
    }
  }

  private static float[] zeros(Parameter parameter) {
    return new float[(int) parameter.size()];
  }

  @Test
  void namesWhatDoesNotFit() {
    try (CausalLm lm = TinyModels.model(TinyModels.llama(), dir, 9)) {
      assertProblem(
          () -> Lora.attach(lm, new LoraConfig(2, 4, false, List.of("q_proj", "query")), 1),
          "LORA_TARGET_UNKNOWN",
          "'query'",
          "q_proj");
      // The part of a name is not a module.
      assertProblem(
          () -> Lora.attach(lm, new LoraConfig(2, 4, false, List.of("proj")), 1),
          "LORA_TARGET_UNKNOWN",
          "'proj'",
          "q_proj");
      assertProblem(
          () -> Lora.attach(lm, new LoraConfig(2, 4, false, List.of("embed_tokens")), 1),
          "LORA_TARGET_UNKNOWN",
          "'embed_tokens'",
          "q_proj");
      LoraConfig config = new LoraConfig(2, 4, false, List.of("q_proj"));
      String weight = "model.layers.0.self_attn.q_proj.weight";
      Factors fits = new Factors(2, 32, 32, new float[64], new float[64]);
      Factors narrow = new Factors(2, 32, 31, new float[64], new float[62]);
      assertProblem(
          () -> Lora.attach(lm, new LoraAdapter(config, Map.of(weight, narrow))),
          "LORA_MISMATCH",
          "[31, 32], but should have rank 2 for [32, 32]",
          "trained on this model");
      assertProblem(
          () -> Lora.attach(lm, new LoraAdapter(config, Map.of("model.norm.weight", fits))),
          "LORA_MISMATCH",
          "no such weight matrix",
          "trained on this model");
      LoraAdapter adapter = new LoraAdapter(config, Map.of(weight, fits));
      try (Lora lora = Lora.attach(lm, adapter)) {
        assertThat(lora.parameters()).hasSize(2);
        assertThatIllegalStateException().isThrownBy(() -> Lora.attach(lm, adapter));
      }
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Lora.attach(lm, new LoraConfig(2, 4, false, List.of()), 1));
    }
  }

  private static void assertProblem(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable call,
      String code,
      String finding,
      String next) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            ProblemException.class,
            e -> {
              assertThat(e.problem().code()).isEqualTo(code);
              assertThat(e.problem().sentence()).contains(finding);
              assertThat(e.problem().nextStep()).contains(next);
            });
  }
}
