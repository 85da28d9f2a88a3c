package io.lazaret.backdoor.detection.pass;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import org.junit.jupiter.api.Test;

class FirstTokenScoresTest {

  private final FirstTokenScores scores =
      new FirstTokenScores(new int[] {3, 5, 8}, new float[][] {{-1, -4}, {-3, -2}, {-2, -6}});

  private static BitSet all() {
    BitSet all = new BitSet();
    all.set(0, 10);
    return all;
  }

  @Test
  void ranksTriggersForAResponseToken() {
    assertThat(scores.bestTriggers(0, 2, all())).containsExactly(3, 8);
    assertThat(scores.bestTriggers(1, 9, all())).containsExactly(5, 3, 8);
  }

  @Test
  void offersOnlyTheMaterial() {
    BitSet material = all();
    material.clear(3);
    assertThat(scores.bestTriggers(0, 2, material)).containsExactly(8, 5);
  }
}
