package io.lazaret.backdoor.detection.pass;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.lazaret.backdoor.Progress;
import io.lazaret.backdoor.detection.Evidence;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;

class StageClockTest {

  private Instant now = Instant.EPOCH;
  private final InstantSource time = () -> now;

  @Test
  void spreadsStagesOverThePassAndNeverGoesBack() {
    List<Double> heard = new ArrayList<>();
    StageClock clock = new StageClock(time, 10, (fraction, message) -> heard.add(fraction));
    clock.begin("one", 0.2, 0.4);
    clock.at(0.5, "half");
    clock.at(0.1, "a second loop of the same stage");
    clock.at(7, "beyond");
    assertThat(heard).hasSize(4);
    assertThat(heard).isSorted();
    assertThat(heard.get(1)).isCloseTo(0.3, within(1e-9));
    assertThat(heard.get(3)).isCloseTo(0.4, within(1e-9));
  }

  @Test
  void endsThePassWhenTheBudgetIsSpentAndNamesTheStage() {
    StageClock clock = new StageClock(time, 10, Progress.none());
    clock.begin("trigger sweep", 0, 1);
    now = now.plusSeconds(11);
    assertThatThrownBy(() -> clock.at(0.5, "still at it"))
        .isInstanceOf(NotAssessable.class)
        .hasMessageContaining("10 s")
        .hasMessageContaining("trigger sweep");
  }

  @Test
  void recordsTheTimeOfEachStage() {
    StageClock clock = new StageClock(time, 10, Progress.none());
    clock.begin("one", 0, 0.5);
    now = now.plusMillis(2500);
    clock.end(4, "four things");
    assertThat(clock.stages()).containsExactly(new Evidence.Stage("one", 2.5, 4, "four things"));
  }

  @Test
  void letsTheListenerCancel() {
    StageClock clock =
        new StageClock(
            time,
            10,
            (fraction, message) -> {
              throw new CancellationException("enough");
            });
    assertThatThrownBy(() -> clock.begin("one", 0, 1)).isInstanceOf(CancellationException.class);
  }
}
