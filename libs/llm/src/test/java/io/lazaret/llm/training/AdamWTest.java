package io.lazaret.llm.training;

import static io.lazaret.llm.Closeness.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.lazaret.llm.CausalLm;
import io.lazaret.llm.Example;
import io.lazaret.llm.Parameter;
import io.lazaret.llm.SoftPrompt;
import io.lazaret.llm.TinyModels;
import io.lazaret.problem.ProblemException;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Loshchilov and Hutter, Decoupled Weight Decay Regularization, algorithm 2, with clipping. */
class AdamWTest {

  @TempDir Path dir;

  @Test
  void adamWFollowsThePublishedFormulas() {
    try (CausalLm lm = TinyModels.model(TinyModels.llama(), dir, 7);
        SoftPrompt soft = SoftPrompt.random(lm, 2, 0.5, 2)) {
      AdamW.Settings settings = new AdamW.Settings(0.8, 0.9, 1e-6, 0.1, 0.01);
      List<Example> batch = TrainingTest.withVirtualIds(soft);
      double[] m = new double[64];
      double[] v = new double[64];
      try (AdamW adam = new AdamW(List.of(soft.parameter()), settings)) {
        for (int step = 1; step <= 3; step++) {
          float[] weights = soft.parameter().values();
          lm.backward(batch, soft, 1);
          float[] gradient = soft.parameter().gradients();
          double norm = 0;
          for (float g : gradient) {
            norm += (double) g * g;
          }
          norm = Math.sqrt(norm);
          assertThat(adam.step(0.02)).isCloseTo(norm, within(1e-5 * norm));
          float[] expected = new float[64];
          for (int i = 0; i < 64; i++) {
            double g = gradient[i] * Math.min(1, 0.01 / norm);
            m[i] = 0.8 * m[i] + 0.2 * g;
            v[i] = 0.9 * v[i] + 0.1 * g * g;
            double mean = m[i] / (1 - Math.pow(0.8, step));
            double square = v[i] / (1 - Math.pow(0.9, step));
            double decayed = weights[i] * (1 - 0.02 * 0.1);
            expected[i] = (float) (decayed - 0.02 * mean / (Math.sqrt(square) + 1e-6));
          }
          assertClose("step " + step, soft.parameter().values(), expected, 2e-6);
          assertThat(soft.parameter().gradients()).containsOnly(0);
        }
      }
    }
  }

  @Test
  void aGradientThatIsNotFiniteLeavesTheWeightsAlone() {
    try (CausalLm lm = TinyModels.model(TinyModels.llama(), dir, 8)) {
      lm.requireGradients(true);
      try (AdamW adam = new AdamW(lm.parameters(), AdamW.Settings.sande())) {
        lm.backward(TinyModels.examples(), null, 1);
        adam.step(1e-3);
        List<float[]> before = lm.parameters().stream().map(Parameter::values).toList();
        lm.backward(TinyModels.examples(), null, Double.POSITIVE_INFINITY);
        assertThatThrownBy(() -> adam.step(1e-3))
            .isInstanceOfSatisfying(
                ProblemException.class,
                e -> assertThat(e.problem().code()).isEqualTo("TRAINING_DIVERGED"));
        for (int i = 0; i < before.size(); i++) {
          assertThat(lm.parameters().get(i).values()).isEqualTo(before.get(i));
        }
        // The bad gradients are gone: training can go on.
        lm.backward(TinyModels.examples(), null, 1);
        assertThat(adam.step(1e-3)).isFinite();
      }
    }
  }

  @Test
  void aParameterWithoutAGradientStillDecays() {
    try (CausalLm lm = TinyModels.model(TinyModels.llama(), dir, 7)) {
      lm.requireGradients(true);
      Parameter parameter = lm.parameters().get(1);
      float[] before = parameter.values();
      try (AdamW adam =
          new AdamW(List.of(parameter), new AdamW.Settings(0.9, 0.95, 1e-8, 0.5, 1))) {
        assertThat(adam.step(0.1)).isZero();
      }
      float[] after = parameter.values();
      for (int i = 0; i < after.length; i++) {
        assertThat(after[i]).isCloseTo(0.95f * before[i], Offset.offset(1e-6f));
      }
    }
  }
}
