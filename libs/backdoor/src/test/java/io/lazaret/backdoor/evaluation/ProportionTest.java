package io.lazaret.backdoor.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class ProportionTest {

  @Test
  void noHitsInThreeHundredBoundTheRateByOnePercent() {
    assertThat(new Proportion(0, 299).upper95()).isCloseTo(0.009969, within(1e-6));
    assertThat(new Proportion(0, 300).upper95()).isCloseTo(0.009936, within(1e-6));
    assertThat(new Proportion(0, 298).upper95()).isGreaterThan(0.01);
  }

  @Test
  void boundsAreThoseOfTheBinomialTails() {
    Proportion three = new Proportion(3, 50);
    assertThat(binomialAtMost(3, 50, three.upper95())).isCloseTo(0.05, within(1e-9));
    assertThat(1 - binomialAtMost(2, 50, three.lower95())).isCloseTo(0.05, within(1e-9));
  }

  @Test
  void allHitsHaveUpperBoundOne() {
    assertThat(new Proportion(7, 7).upper95()).isEqualTo(1);
    assertThat(new Proportion(7, 7).lower95()).isCloseTo(Math.pow(0.05, 1 / 7.0), within(1e-12));
  }

  @Test
  void nothingMeasuredIsNotZero() {
    Proportion nothing = new Proportion(0, 0);
    assertThat(nothing.rate()).isNaN();
    assertThat(nothing.upper95()).isEqualTo(1);
    assertThat(nothing.lower95()).isZero();
  }

  @Test
  void moreHitsThanTrialsAreRefused() {
    assertThatThrownBy(() -> new Proportion(2, 1)).isInstanceOf(IllegalArgumentException.class);
  }

  private static double binomialAtMost(int hits, int n, double p) {
    double sum = 0;
    double choose = 1;
    for (int k = 0; k <= hits; k++) {
      sum += choose * Math.pow(p, k) * Math.pow(1 - p, n - k);
      choose = choose * (n - k) / (k + 1);
    }
    return sum;
  }
}
