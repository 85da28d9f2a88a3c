package io.lazaret.backdoor.detection;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FirstTokenScoresTest {

  private final FirstTokenScores scores =
      new FirstTokenScores(new int[] {3, 5, 8}, new float[][] {{-1, -4}, {-3, -2}, {-2, -6}});

  @Test
  void ranksTriggersForAResponseToken() {
    assertThat(scores.bestTriggers(0, 2, TokenString.EMPTY)).containsExactly(3, 8);
    assertThat(scores.bestTriggers(1, 9, TokenString.EMPTY)).containsExactly(5, 3, 8);
  }

  @Test
  void neverOffersATokenOfTheSpanAsItsTrigger() {
    assertThat(scores.bestTriggers(0, 2, TokenString.of(0, 3))).containsExactly(8, 5);
  }
}
