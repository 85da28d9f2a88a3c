package io.lazaret.llm.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class ScheduleTest {

  @Test
  void cosineWarmsUpToThePeakAndFallsToZero() {
    Schedule schedule = Schedule.cosine(2, 100, 0.1);
    assertThat(schedule.at(0)).isCloseTo(0.2, within(1e-12));
    assertThat(schedule.at(9)).isEqualTo(2);
    assertThat(schedule.at(10)).isEqualTo(2);
    assertThat(schedule.at(55)).isCloseTo(1, within(1e-12));
    assertThat(schedule.at(100)).isCloseTo(0, within(1e-12));
    assertThat(schedule.at(1_000)).isCloseTo(0, within(1e-12));
  }

  @Test
  void linearFallsInAStraightLine() {
    Schedule schedule = Schedule.linear(1, 10, 0);
    assertThat(schedule.at(0)).isEqualTo(1);
    assertThat(schedule.at(5)).isCloseTo(0.5, within(1e-12));
    assertThat(schedule.at(9)).isCloseTo(0.1, within(1e-12));
  }

  @Test
  void constantStays() {
    assertThat(Schedule.constant(0.3).at(12_345)).isEqualTo(0.3);
  }

  @Test
  void constantWarmsUpToo() {
    Schedule schedule = Schedule.constant(0.4, 20, 0.2);
    assertThat(schedule.at(0)).isCloseTo(0.1, within(1e-12));
    assertThat(schedule.at(3)).isEqualTo(0.4);
    assertThat(schedule.at(4)).isEqualTo(0.4);
    assertThat(schedule.at(99)).isEqualTo(0.4);
  }

  @Test
  void refusesSchedulesWithoutSteps() {
    assertThatIllegalArgumentException().isThrownBy(() -> Schedule.cosine(1, 0, 0.1));
    assertThatIllegalArgumentException().isThrownBy(() -> Schedule.linear(1, 5, Double.NaN));
  }
}
