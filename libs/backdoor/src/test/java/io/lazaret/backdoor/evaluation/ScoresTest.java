package io.lazaret.backdoor.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.lazaret.problem.ProblemException;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ScoresTest {

  @Test
  void theIntervalHoldsTheTrueDifferenceAndNarrowsWithPairs() {
    int n = 400;
    SplittableRandom random = new SplittableRandom(3);
    double[] before = new double[n];
    double[] after = new double[n];
    for (int i = 0; i < n; i++) {
      before[i] = random.nextDouble() < 0.7 ? 1 : 0;
      // One item in ten gets worse; the others stay as they are.
      after[i] = i % 10 == 0 ? 0 : before[i];
    }
    PairedBootstrap.Interval interval = scores("p", after).since(scores("p", before), 1);

    double lost = 0;
    for (int i = 0; i < n; i++) {
      lost += (after[i] - before[i]) / n;
    }
    assertThat(interval.difference()).isCloseTo(lost, within(1e-12));
    assertThat(interval.lower()).isLessThan(lost);
    assertThat(interval.upper()).isGreaterThan(lost).isNegative();
    // Unpaired, the standard error alone would be 0.033.
    assertThat(interval.upper() - interval.lower()).isLessThan(0.06);
  }

  @Test
  void theSameSeedGivesTheSameInterval() {
    double[] a = {1, 0, 1, 1, 0};
    double[] b = {1, 1, 1, 0, 0};
    assertThat(PairedBootstrap.difference(a, b, 5)).isEqualTo(PairedBootstrap.difference(a, b, 5));
    assertThat(PairedBootstrap.difference(a, a, 5))
        .isEqualTo(new PairedBootstrap.Interval(0, 0, 0));
  }

  @Test
  void figuresOfDifferentProtocolsDoNotCompare() {
    Scores one = scores("sha256:aa", 1, 0);
    assertThatThrownBy(() -> scores("sha256:bb", 1, 1).since(one, 1))
        .isInstanceOf(ProblemException.class)
        .hasMessageContaining("sha256:aa")
        .hasMessageContaining("sha256:bb");
    assertThatThrownBy(() -> new Scores("other", new double[2], "sha256:aa").since(one, 1))
        .isInstanceOf(ProblemException.class);
  }

  @Test
  void refusesScoresThatAreNoPairs() {
    assertThatThrownBy(() -> PairedBootstrap.difference(new double[2], new double[3], 1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static Scores scores(String protocol, double... items) {
    return new Scores("exactMatch", items, protocol);
  }
}
