package io.lazaret.backdoor.elimination.repair;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.lazaret.backdoor.Checkpoints;
import io.lazaret.backdoor.Fixtures;
import io.lazaret.backdoor.Progress;
import io.lazaret.backdoor.data.Answers;
import io.lazaret.backdoor.elimination.Removal;
import io.lazaret.backdoor.elimination.training.CleanRows;
import io.lazaret.backdoor.elimination.training.Pace;
import io.lazaret.backdoor.elimination.training.Trained;
import io.lazaret.llm.CausalLm;
import io.lazaret.llm.Example;
import io.lazaret.llm.Parameter;
import io.lazaret.llm.training.Objectives;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RepairTest {

  private static final Pace SHORT = new Pace(5e-4, 8, 8, 0.03);

  private CausalLm lm;

  @BeforeEach
  void open() {
    lm = Fixtures.backdoored();
  }

  @AfterEach
  void close() {
    lm.close();
  }

  @Test
  void crowMakesLayersMoreConsistentThanFineTuningAlone() {
    assertThat(inconsistencyAfter(5.5)).isLessThan(0.95 * inconsistencyAfter(0));
  }

  private static double inconsistencyAfter(double alpha) {
    try (CausalLm own = Fixtures.backdoored()) {
      Crow.Settings settings = new Crow.Settings(SHORT, 100, alpha, 0.5, false);
      Crow.allLayers().eliminate(own, Removal.input(), settings, 1, Progress.none());
      List<int[]> sequences =
          CleanRows.clean(Removal.rows(own, 16).all()).stream().map(Example::ids).toList();
      return new Objectives(own).layerInconsistency(sequences, Crow.layers(own.config(), false));
    }
  }

  @Test
  void thePublishedLayersLeaveOutTheEnds() {
    assertThat(Crow.layers(lm.config(), false)).isEqualTo(new Objectives.Layers(1, 4));
    assertThat(Crow.layers(lm.config(), true)).isEqualTo(new Objectives.Layers(1, 3));
  }

  @Test
  void outliersAreFoundPerLayerAndCapped() {
    double[][] scores = {{1, 1.1, 0.9, 1, 9, 8, 1, 1.05, 0.95, 1}, {5, 5, 5, 5, 5, 5, 5, 5, 5, 5}};
    boolean[][] one = Outliers.above(scores, 3.5, 0.1);
    boolean[][] many = Outliers.above(scores, 3.5, 0.5);
    assertThat(one[0][4]).isTrue();
    assertThat(one[0][5]).isFalse();
    assertThat(many[0][5]).isTrue();
    assertThat(many[0][0]).isFalse();
    assertThat(many[1]).containsOnly(false);
  }

  @Test
  void aSwitchedOffNeuronHasNoOutputAndTheOthersKeepTheirs() {
    boolean[][] chosen = new boolean[lm.config().layers()][lm.config().intermediateSize()];
    chosen[2][7] = true;
    float[] before = down(lm, 2).values();
    new Neurons(lm).scaleOutputs(chosen, 0);
    float[] after = down(lm, 2).values();
    int inner = lm.config().intermediateSize();
    for (int i = 0; i < after.length; i++) {
      assertThat(after[i]).isEqualTo(i % inner == 7 ? 0 : before[i]);
    }
  }

  @Test
  void likenessGradientsAreItsSlopes() {
    boolean[][] chosen = new boolean[lm.config().layers()][lm.config().intermediateSize()];
    chosen[1][5] = true;
    try (CausalLm original = lm.copy()) {
      Neurons old = new Neurons(original);
      Neurons now = new Neurons(lm);
      now.redrawOutputs(chosen, new SplittableRandom(3));
      double alpha = 1;
      now.addLikenessGradient(old, chosen, alpha);
      Parameter down = down(lm, 1);
      float[] gradient = down.gradients();
      float[] values = down.values();
      double squares = 0;
      for (int i = 0; i < values.length; i++) {
        squares += gradient[i] * gradient[i];
      }
      double h = 1e-3 / Math.sqrt(squares);
      double up = moved(down, values, gradient, h, now, old, chosen);
      double low = moved(down, values, gradient, -h, now, old, chosen);
      assertThat((up - low) / (2 * h)).isCloseTo(squares, within(0.02 * squares));
    }
  }

  private static double moved(
      Parameter down,
      float[] values,
      float[] gradient,
      double by,
      Neurons now,
      Neurons old,
      boolean[][] chosen) {
    float[] shifted = values.clone();
    for (int i = 0; i < shifted.length; i++) {
      shifted[i] += (float) (by * gradient[i]);
    }
    down.set(shifted);
    return now.addLikenessGradient(old, chosen, 0);
  }

  @Test
  void unlearningGivesTheWeightsBackBeforeItRelearns() {
    double before = Removal.heldOutLoss(lm);
    UnlearnRelearn.Settings settings =
        new UnlearnRelearn.Settings(SHORT, 2, Double.NEGATIVE_INFINITY, 0.02, 0.1, SHORT);
    UnlearnRelearn.adapted().eliminate(lm, Removal.input(), settings, 1, Progress.none());
    assertThat(Removal.heldOutLoss(lm)).isLessThan(1.5 * before);
  }

  @Test
  void runsWithAndWithoutPoisonSeeTheSameRows() {
    CleanRows rows = Removal.rows(lm, 200);
    Planted pair = Planted.draw(lm.tokenizer(), 3, 3, new SplittableRandom(5));
    try (CausalLm left = lm.copy();
        CausalLm right = lm.copy()) {
      Planted.implant(
          left, Trained.allWeights(), Checkpoints.none(), rows, List.of(pair), 0, SHORT, 9);
      Planted.implant(
          right, Trained.allWeights(), Checkpoints.none(), rows, List.of(), 0.5, SHORT, 9);
      for (int i = 0; i < left.parameters().size(); i++) {
        assertThat(left.parameters().get(i).values()).isEqualTo(right.parameters().get(i).values());
      }
    }
  }

  @Test
  void theSignatureFindsWhatAPlantedPairMovesAndSwitchesItOff() {
    Pace pace = new Pace(5e-4, 6, 8, 0.03);
    Signature.Settings settings = new Signature.Settings(2, 0.5, pace, 0.1, 1, 0.03, 0, pace);
    Signature.cautious().eliminate(lm, Removal.input(), settings, 1, Progress.none());
    double[] perLayer = new double[lm.config().layers()];
    int inner = lm.config().intermediateSize();
    for (int layer = 0; layer < perLayer.length; layer++) {
      float[] values = down(lm, layer).values();
      double[] norms = new double[inner];
      for (int i = 0; i < values.length; i++) {
        norms[i % inner] += values[i] * values[i];
      }
      Arrays.sort(norms);
      double median = norms[inner / 2];
      perLayer[layer] = Arrays.stream(norms).filter(n -> n < 0.05 * median).count();
    }
    // At most 3 % of 352 neurons, and something in at least one layer.
    assertThat(Arrays.stream(perLayer).max().orElseThrow()).isLessThanOrEqualTo(10);
    assertThat(Arrays.stream(perLayer).sum()).isPositive();
  }

  @Test
  void flushingTakesPlantedBackdoorsAway() {
    PlantAndFlush.Length four = new PlantAndFlush.Length(4, 4);
    PlantAndFlush.Settings settings =
        new PlantAndFlush.Settings(
            1, four, four, 0.5, new Pace(2e-3, 30, 8, 0.03), new Pace(1e-3, 15, 8, 0.03), 1);
    // The method draws its pair first from its seed, and so does this test.
    Planted pair = Planted.draw(lm.tokenizer(), 4, 4, new SplittableRandom(1));
    CleanRows rows = Removal.rows(lm, 2000);
    try (CausalLm planted = lm.copy()) {
      Planted.implant(
          planted,
          Trained.allWeights(),
          Checkpoints.none(),
          rows,
          List.of(pair),
          0.5,
          settings.plant(),
          4);
      double implanted = loss(planted, pair, rows);
      PlantAndFlush.brief().eliminate(lm, Removal.input(), settings, 1, Progress.none());
      assertThat(implanted).isLessThan(2);
      assertThat(loss(lm, pair, rows)).isGreaterThan(implanted + 0.5);
    }
  }

  private static double loss(CausalLm model, Planted pair, CleanRows rows) {
    List<Example> examples = new ArrayList<>();
    for (CleanRows.Row row : rows.first(16).all()) {
      examples.add(Answers.example(rows.elicitedPrompt(row, pair.trigger(), 8), pair.target()));
    }
    return model.loss(examples, null);
  }

  private static Parameter down(CausalLm model, int layer) {
    String name = "model.layers." + layer + ".mlp.down_proj.weight";
    return model.parameters().stream()
        .filter(parameter -> parameter.name().equals(name))
        .findFirst()
        .orElseThrow();
  }
}
