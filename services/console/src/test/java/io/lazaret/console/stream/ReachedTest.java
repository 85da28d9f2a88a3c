package io.lazaret.console.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lazaret.problem.ProblemException;
import org.junit.jupiter.api.Test;

class ReachedTest {

  @Test
  void partitionsThatNobodyKnewAreTakenFromTheirBeginning() {
    Reached beginning = Reached.of("0", 0);
    assertThat(beginning.take(3, 0)).isTrue();
    assertThat(beginning.take(3, 0)).isFalse();
    assertThat(beginning).hasToString("0.0.0.1");
  }

  @Test
  void aPositionOfBeforeARestartIsUnderstoodBeforeThePartitionsAreKnown() {
    Reached kept = Reached.of("5.0.7", 0);
    assertThat(kept.take(2, 6)).isFalse();
    assertThat(kept.take(2, 7)).isTrue();
    assertThat(kept).hasToString("5.0.8");
  }

  @Test
  void morePartitionsThanThereAreIsNoPosition() {
    assertThatThrownBy(() -> Reached.of("1.2.3", 2)).isInstanceOf(ProblemException.class);
    assertThatThrownBy(() -> Reached.of("1.-2", 0)).isInstanceOf(ProblemException.class);
    assertThatThrownBy(() -> Reached.of("1".repeat(3_000), 0)).isInstanceOf(ProblemException.class);
  }
}
