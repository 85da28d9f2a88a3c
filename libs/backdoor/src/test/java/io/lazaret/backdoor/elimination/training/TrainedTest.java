package io.lazaret.backdoor.elimination.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lazaret.backdoor.Checkpoints;
import io.lazaret.backdoor.Fixtures;
import io.lazaret.backdoor.elimination.Removal;
import io.lazaret.llm.CausalLm;
import io.lazaret.llm.training.ResumableRandom;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class TrainedTest {

  private static final Pace SHORT = new Pace(2e-4, 6, 8, 0.03);

  @Test
  void adaptersLearnAndEndInTheMatricesOfLayersAlone() {
    try (CausalLm lm = Fixtures.backdoored()) {
      List<float[]> before = Removal.weights(lm);
      CleanRows rows = Removal.rows(lm, 8);
      double loss = rows.cleanLoss(rows.all());
      try (WeightUpdates updates =
          WeightUpdates.begin(
              lm,
              Trained.lowRank(),
              SHORT.schedule(),
              1,
              new ResumableRandom(1),
              Checkpoints.none())) {
        for (int step = 0; step < SHORT.steps(); step++) {
          updates.step(lm.backward(CleanRows.clean(rows.all()), null, 1.0));
        }
      }
      assertThat(rows.cleanLoss(rows.all())).isLessThan(loss);
      for (int i = 0; i < before.size(); i++) {
        boolean matrix = lm.parameters().get(i).name().endsWith("_proj.weight");
        boolean moved = !Arrays.equals(lm.parameters().get(i).values(), before.get(i));
        assertThat(moved).as(lm.parameters().get(i).name()).isEqualTo(matrix);
      }
    }
  }

  @Test
  void aRestoredStateUndoesTheStepsOfAdapters() {
    try (CausalLm lm = Fixtures.backdoored()) {
      CleanRows rows = Removal.rows(lm, 8);
      double loss = rows.cleanLoss(rows.all());
      try (WeightUpdates updates =
          WeightUpdates.begin(
              lm,
              Trained.lowRank(),
              SHORT.schedule(),
              1,
              new ResumableRandom(1),
              Checkpoints.none())) {
        List<float[]> good = updates.state();
        updates.step(lm.backward(CleanRows.clean(rows.all()), null, 1.0));
        assertThat(rows.cleanLoss(rows.all())).isNotEqualTo(loss);
        updates.restore(good);
      }
      assertThat(rows.cleanLoss(rows.all())).isEqualTo(loss);
    }
  }

  @Test
  void namesSettingsThatAreOutOfRange() {
    assertThatThrownBy(() -> new Pace(0, 10, 8, 0.03)).hasMessageContaining("learningRate");
    assertThatThrownBy(() -> new Pace(1e-4, 10, 8, 1.5))
        .hasMessageContaining("SETTING_OUT_OF_RANGE")
        .hasMessageContaining("from 0 to 1");
    assertThatThrownBy(() -> new Trained.LowRank(0, 8, 10)).hasMessageContaining("rank");
  }
}
