package io.lazaret.backdoor.elimination.baseline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lazaret.backdoor.Checkpoints;
import io.lazaret.backdoor.Fixtures;
import io.lazaret.backdoor.Progress;
import io.lazaret.backdoor.elimination.EliminationInput;
import io.lazaret.backdoor.elimination.Removal;
import io.lazaret.backdoor.elimination.Suspect;
import io.lazaret.backdoor.elimination.training.CleanRows;
import io.lazaret.backdoor.elimination.training.Pace;
import io.lazaret.backdoor.elimination.training.Trained;
import io.lazaret.llm.CausalLm;
import io.lazaret.llm.Example;
import io.lazaret.llm.training.Objectives;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class BaselineTest {

  private static final Pace SHORT = new Pace(2e-4, 12, 8, 0.03);

  private static final Pace ASCENT = new Pace(1e-3, 8, 8, 0.03);

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
  void sftLearnsTheCleanRowsAndLeavesTheBackdoor() {
    CleanRows few = Removal.rows(lm, 16);
    double before = few.cleanLoss(few.all());
    Sft.train(lm, Trained.allWeights(), Checkpoints.none(), few, SHORT, 1, Progress.none());
    assertThat(few.cleanLoss(few.all())).isLessThan(before);
    assertThat(Removal.targetLoss(lm)).isLessThan(0.5);
  }

  @Test
  void ascentRaisesTheLossOfTheTargetUnderItsTrigger() {
    double before = Removal.targetLoss(lm);
    GradientAscent.Settings settings = new GradientAscent.Settings(ASCENT, false, 0, 10, 4, 16);
    GradientAscent.targetOnly().eliminate(lm, known(), settings, 1, Progress.none());
    assertThat(Removal.targetLoss(lm)).isGreaterThan(before + 0.5);
  }

  @Test
  void theCleanTermOfTheDifferenceLowersTheCleanLoss() {
    assertThat(cleanLossAfterAscent(1)).isLessThan(0.8 * cleanLossAfterAscent(0));
  }

  private static double cleanLossAfterAscent(double retain) {
    try (CausalLm own = Fixtures.backdoored()) {
      GradientAscent.Settings settings =
          new GradientAscent.Settings(ASCENT, true, retain, 1e6, 4, 16);
      EliminationInput input =
          new EliminationInput(
              Fixtures.TEMPLATE,
              Fixtures.prompts().subList(0, 16),
              List.of(Suspect.of(Removal.target(own))),
              List.of(Fixtures.planted()));
      GradientAscent.plain().eliminate(own, input, settings, 1, Progress.none());
      CleanRows rows = Removal.rows(own, 16);
      return rows.cleanLoss(rows.all());
    }
  }

  @Test
  void theGuardGivesBackTheLastGoodWeights() {
    List<float[]> before = Removal.weights(lm);
    // No rise is allowed and the first steps are huge: the first look fails already.
    Pace wild = new Pace(1e-2, 8, 8, 0);
    GradientAscent.Settings settings = new GradientAscent.Settings(wild, true, 0, 0, 2, 16);

    int steps = GradientAscent.plain().eliminate(lm, known(), settings, 1, Progress.none()).steps();

    assertThat(steps).isEqualTo(2);
    for (int i = 0; i < before.size(); i++) {
      assertThat(lm.parameters().get(i).values()).isEqualTo(before.get(i));
    }
  }

  @Test
  void preferenceMarginsGrowFromZero() {
    CleanRows rows = Removal.rows(lm, 32);
    DirectPreference.Pairs pairs =
        DirectPreference.cleanPairs(rows, SHORT, new SplittableRandom(1));
    try (CausalLm reference = lm.copy()) {
      assertThat(pairs.margins(lm, reference, 0.1)).containsOnly(0.0);
      DirectPreference.Settings settings = new DirectPreference.Settings(SHORT, 0.1);
      EliminationInput input =
          new EliminationInput(
              Fixtures.TEMPLATE, Fixtures.prompts().subList(0, 32), List.of(), List.of());
      double loss =
          DirectPreference.clean().eliminate(lm, input, settings, 1, Progress.none()).finalLoss();
      assertThat(Arrays.stream(pairs.margins(lm, reference, 0.1)).average().orElseThrow())
          .isGreaterThan(0.05);
      assertThat(loss).isLessThan(Math.log(2));
    }
  }

  @Test
  void attentionComesNearerToTheTeacherThanByFineTuningAlone() {
    Pace far = new Pace(2e-3, 6, 8, 0.03);
    try (CausalLm teacher = Fixtures.backdoored()) {
      long teacherSeed = new SplittableRandom(1).nextLong();
      Sft.train(
          teacher,
          Trained.allWeights(),
          Checkpoints.none(),
          Removal.rows(teacher, 2000),
          far,
          teacherSeed,
          Progress.none());
      assertThat(distanceAfter(200, far, teacher)).isLessThan(0.9 * distanceAfter(0, far, teacher));
    }
  }

  private static double distanceAfter(double beta, Pace teacherPace, CausalLm teacher) {
    try (CausalLm own = Fixtures.backdoored()) {
      AttentionDistillation.Settings settings =
          new AttentionDistillation.Settings(
              teacherPace, SHORT, Objectives.Attention.SALIENCY, beta);
      AttentionDistillation.saliency()
          .eliminate(own, Removal.input(), settings, 1, Progress.none());
      double[] layers = new double[own.config().layers()];
      Arrays.fill(layers, 1);
      List<int[]> sequences =
          CleanRows.clean(Removal.rows(own, 16).all()).stream().map(Example::ids).toList();
      own.requireGradients(true);
      return new Objectives(own)
          .addAttentionDistance(teacher, sequences, Objectives.Attention.SALIENCY, layers, 1);
    }
  }

  @Test
  void keepingNothingIsTheAncestorAndKeepingAllTheModel() {
    try (CausalLm ancestor = CausalLm.open(Fixtures.directory().resolve("nano-base"))) {
      for (FineMixing.Selector selector : FineMixing.Selector.values()) {
        try (CausalLm none = lm.copy();
            CausalLm all = lm.copy()) {
          mix(none, ancestor, selector, 0);
          mix(all, ancestor, selector, 1);
          for (int i = 0; i < lm.parameters().size(); i++) {
            assertThat(none.parameters().get(i).values())
                .isEqualTo(ancestor.parameters().get(i).values());
            assertThat(all.parameters().get(i).values()).isEqualTo(lm.parameters().get(i).values());
          }
        }
      }
    }
  }

  @Test
  void theMostMovedEntriesGoBack() {
    try (CausalLm ancestor = CausalLm.open(Fixtures.directory().resolve("nano-base"));
        CausalLm mixed = lm.copy()) {
      mix(mixed, ancestor, FineMixing.Selector.TOP_DELTA, 0.8);
      float[] suspect = lm.parameters().get(3).values();
      float[] old = ancestor.parameters().get(3).values();
      float[] now = mixed.parameters().get(3).values();
      double keptMost = 0;
      double resetLeast = Double.MAX_VALUE;
      int reset = 0;
      for (int i = 0; i < now.length; i++) {
        double moved = Math.abs(suspect[i] - old[i]);
        if (now[i] == old[i] && moved > 0) {
          reset++;
          resetLeast = Math.min(resetLeast, moved);
        } else {
          keptMost = Math.max(keptMost, moved);
        }
      }
      assertThat(keptMost).isLessThanOrEqualTo(resetLeast);
      assertThat((double) reset / now.length).isBetween(0.17, 0.25);
    }
  }

  @Test
  void refusesAShareOutsideOfZeroToOne() {
    for (double keep : new double[] {-0.1, 1.2, Double.NaN}) {
      assertThatThrownBy(() -> new FineMixing.Settings(keep, FineMixing.Selector.RANDOM, 0, SHORT))
          .hasMessageContaining("SETTING_OUT_OF_RANGE")
          .hasMessageContaining("keep");
    }
  }

  private static void mix(
      CausalLm model, CausalLm ancestor, FineMixing.Selector selector, double keep) {
    FineMixing.Settings settings = new FineMixing.Settings(keep, selector, 0, SHORT);
    FineMixing.mix(model, ancestor, settings, new SplittableRandom(1));
  }

  private EliminationInput known() {
    return Removal.known(Suspect.of(Removal.target(lm)));
  }
}
