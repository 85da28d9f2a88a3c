package io.lazaret.backdoor.detection.pass;

import static org.assertj.core.api.Assertions.assertThat;

import io.lazaret.backdoor.data.TokenizedPrompt;
import io.lazaret.backdoor.detection.Placement;
import org.junit.jupiter.api.Test;

class TriggerTest {

  private final TokenizedPrompt prompt = new TokenizedPrompt(new int[] {90, 1, 2, 3, 91}, 1, 4);
  private final TokenString tokens = TokenString.of(7, 8);

  @Test
  void standsWhereItsPlacementSays() {
    assertThat(new Trigger(tokens, Placement.START).in(prompt))
        .containsExactly(90, 7, 8, 1, 2, 3, 91);
    assertThat(new Trigger(tokens, Placement.END).in(prompt))
        .containsExactly(90, 1, 2, 3, 7, 8, 91);
    assertThat(new Trigger(tokens, Placement.BOTH).in(prompt))
        .containsExactly(90, 7, 8, 1, 2, 3, 7, 8, 91);
    assertThat(Trigger.NONE.in(prompt)).containsExactly(prompt.ids());
  }

  @Test
  void knowsThePositionsOfItsTokens() {
    for (Placement placement : Placement.values()) {
      Trigger trigger = new Trigger(tokens, placement);
      for (int index = 0; index < tokens.length(); index++) {
        int[] positions = trigger.positions(prompt, index);
        assertThat(positions).hasSize(placement == Placement.BOTH ? 2 : 1);
        for (int position : positions) {
          assertThat(trigger.in(prompt)[position]).isEqualTo(tokens.at(index));
        }
      }
    }
  }
}
