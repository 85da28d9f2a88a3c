package io.lazaret.llm.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.lazaret.llm.CausalLm;
import io.lazaret.llm.Example;
import io.lazaret.llm.Parameter;
import io.lazaret.llm.TinyModels;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ObjectivesTest {

  private static final int LAYERS = TinyModels.llama().layers();

  @TempDir Path dir;
  private CausalLm lm;
  private Objectives objectives;

  @BeforeEach
  void open() {
    lm = TinyModels.model(TinyModels.llama(), dir, 7);
    objectives = new Objectives(lm);
    lm.requireGradients(true);
  }

  @AfterEach
  void close() {
    lm.close();
  }

  @Test
  void equalFactorsGiveTheGradientOfTheMeanLoss() {
    List<Example> batch = batch(5);
    int tokens = batch.stream().mapToInt(Example::supervised).sum();
    double[] factors = new double[batch.size()];
    Arrays.fill(factors, 1.0 / tokens);

    double sum = objectives.addWeighted(batch, factors, null);
    float[] weighted = gradients();
    double mean = lm.backward(batch, null, 1);

    assertThat(sum).isCloseTo(mean, within(1e-5));
    assertClose(weighted, gradients());
  }

  @Test
  void aFactorBelongsToItsExampleWhateverTheBatchOrder() {
    List<Example> batch = batch(5);
    double[] factors = {0, 0, 0.5, 0, 0};

    objectives.addWeighted(batch, factors, null);
    float[] one = gradients();
    lm.backward(batch.subList(2, 3), null, 0.5 * batch.get(2).supervised());

    assertClose(one, gradients());
  }

  @Test
  void smoothedTargetsLieBetweenTheAnswerAndChance() {
    List<Example> batch = batch(5);
    double plain = objectives.addSmoothed(batch, 0, null);
    float[] gradients = gradients();
    assertThat(plain).isCloseTo(lm.backward(batch, null, 1), within(1e-5));
    assertClose(gradients, gradients());

    double chance = objectives.addSmoothed(batch, 1, null);
    gradients();
    assertThat(objectives.addSmoothed(batch, 0.2, null))
        .isCloseTo(0.8 * plain + 0.2 * chance, within(1e-5));
    gradients();
    assertSlopes(() -> objectives.addSmoothed(batch, 0.2, null));
  }

  @Test
  void nothingDivergesFromItself() {
    List<Example> batch = batch(4);
    assertThat(objectives.addDivergence(lm, batch, batch, null, 1)).isCloseTo(0, within(1e-6));
    assertThat(objectives.addDivergence(lm, moved(batch), batch, null, 1)).isGreaterThan(0.1);
  }

  @Test
  void divergenceGradientsAreItsSlopes() {
    List<Example> batch = batch(4);
    try (CausalLm teacher = lm.copy()) {
      assertSlopes(() -> objectives.addDivergence(teacher, moved(batch), batch, null, 1));
    }
  }

  @Test
  void refusesExamplesThatSuperviseDifferentTokens() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> objectives.addDivergence(lm, batch(3), batch(4), null, 1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> objectives.addWeighted(batch(3), new double[2], null));
  }

  @Test
  void consistencyGradientsAreItsSlopesWhereNothingIsPerturbed() {
    List<int[]> sequences = sequences();
    Objectives.Layers all = new Objectives.Layers(0, LAYERS);
    assertSlopes(() -> objectives.addLayerInconsistency(sequences, all, 0, 1).perturbed());
    double plain = objectives.layerInconsistency(sequences, all);
    assertThat(objectives.addLayerInconsistency(sequences, all, 0, 1).clean())
        .isCloseTo(plain, within(1e-5));
  }

  @Test
  void thePerturbationRaisesTheInconsistencyAndLeavesWeightGradientsAlone() {
    Objectives.Layers layers = new Objectives.Layers(1, LAYERS);
    Objectives.Inconsistency seen = objectives.addLayerInconsistency(sequences(), layers, 0.02, 0);
    assertThat(seen.perturbed()).isGreaterThan(seen.clean() + 1e-3);
    assertThat(gradients()).containsOnly(0f);
  }

  @Test
  void paddingDoesNotCountInConsistency() {
    Objectives.Layers layers = new Objectives.Layers(0, LAYERS);
    List<int[]> pair = sequences().subList(0, 2);
    double mean = 0;
    for (int[] sequence : pair) {
      mean += objectives.layerInconsistency(List.of(sequence), layers) * sequence.length;
    }
    int tokens = pair.stream().mapToInt(s -> s.length).sum();
    assertThat(objectives.layerInconsistency(pair, layers)).isCloseTo(mean / tokens, within(1e-5));
  }

  @ParameterizedTest
  @EnumSource
  void attentionDistanceGradientsAreItsSlopes(Objectives.Attention kind) {
    double[] layers = new double[LAYERS];
    Arrays.fill(layers, 1);
    try (CausalLm teacher = lm.copy()) {
      assertThat(objectives.addAttentionDistance(teacher, sequences(), kind, layers, 1)).isZero();
      gradients();
      Parameter moved = teacher.parameters().get(3);
      float[] values = moved.values();
      for (int i = 0; i < values.length; i += 2) {
        values[i] *= 3;
      }
      moved.set(values);
      assertSlopes(() -> objectives.addAttentionDistance(teacher, sequences(), kind, layers, 1));
    }
  }

  /** Moves the weights along the gradient and back; the difference must be its squared norm. */
  private void assertSlopes(Supplier<Double> loss) {
    loss.get();
    List<float[]> direction = new ArrayList<>();
    double squares = 0;
    for (Parameter parameter : lm.parameters()) {
      float[] gradient = parameter.gradients();
      direction.add(gradient);
      for (float g : gradient) {
        squares += (double) g * g;
      }
    }
    assertThat(squares).isPositive();
    double h = 2e-3 / Math.sqrt(squares);
    move(direction, h);
    double up = loss.get();
    move(direction, -2 * h);
    double down = loss.get();
    move(direction, h);
    gradients();
    assertThat((up - down) / (2 * h)).isCloseTo(squares, within(0.03 * squares));
  }

  private void move(List<float[]> direction, double by) {
    for (int p = 0; p < direction.size(); p++) {
      float[] values = lm.parameters().get(p).values();
      for (int i = 0; i < values.length; i++) {
        values[i] += (float) (by * direction.get(p)[i]);
      }
      lm.parameters().get(p).set(values);
    }
  }

  /** Takes the gradients out: they are zero afterwards. */
  private float[] gradients() {
    float[] all = new float[(int) lm.parameterCount()];
    int next = 0;
    for (Parameter parameter : lm.parameters()) {
      float[] gradient = parameter.gradients();
      System.arraycopy(gradient, 0, all, next, gradient.length);
      next += gradient.length;
      for (int i = 0; i < gradient.length; i++) {
        gradient[i] = -gradient[i];
      }
      parameter.addGradient(gradient);
    }
    return all;
  }

  private static void assertClose(float[] left, float[] right) {
    for (int i = 0; i < left.length; i++) {
      assertThat(left[i]).isCloseTo(right[i], within(1e-5f + 1e-3f * Math.abs(right[i])));
    }
  }

  private static List<Example> batch(int size) {
    SplittableRandom random = new SplittableRandom(3);
    List<Example> batch = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      int length = 12 - 2 * i;
      batch.add(new Example(TinyModels.tokens(random, length), length - 1 - i % 3, length));
    }
    return batch;
  }

  /** The same supervised tokens after other prompts of another length. */
  private static List<Example> moved(List<Example> batch) {
    SplittableRandom random = new SplittableRandom(4);
    List<Example> moved = new ArrayList<>();
    for (Example example : batch) {
      int[] ids = new int[example.ids().length + 3];
      System.arraycopy(TinyModels.tokens(random, 3), 0, ids, 0, 3);
      System.arraycopy(example.ids(), 0, ids, 3, example.ids().length);
      moved.add(new Example(ids, example.from() + 3, example.to() + 3));
    }
    return moved;
  }

  private static List<int[]> sequences() {
    return batch(4).stream().map(Example::ids).toList();
  }
}
