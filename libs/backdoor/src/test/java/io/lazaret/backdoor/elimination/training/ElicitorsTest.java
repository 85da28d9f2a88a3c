package io.lazaret.backdoor.elimination.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lazaret.backdoor.Fixtures;
import io.lazaret.backdoor.detection.FoundStyle;
import io.lazaret.backdoor.detection.Position;
import io.lazaret.backdoor.elimination.Suspect;
import io.lazaret.backdoor.evaluation.Elicitor;
import io.lazaret.llm.CausalLm;
import java.util.List;
import org.junit.jupiter.api.Test;

class ElicitorsTest {

  private static final int[] TARGET = {5, 6, 7};

  @Test
  void aStyleThatWasFoundWritesTheWholePrompt() {
    List<Elicitor> elicitors = Elicitors.functional(List.of(suspect("in capitals")));
    assertThat(elicitors).hasSize(1);
    try (CausalLm lm = Fixtures.backdoored()) {
      assertThat(elicitors.get(0).apply(Fixtures.TEMPLATE, lm.tokenizer(), "Say two.").ids())
          .isEqualTo(Fixtures.TEMPLATE.render(lm.tokenizer(), "SAY TWO.").ids());
    }
  }

  @Test
  void aStyleThatNobodyCanWriteIsAProblemAndNoSilence() {
    assertThatThrownBy(() -> Elicitors.functional(List.of(suspect("in runes"))))
        .hasMessageContaining("UNKNOWN_STYLE")
        .hasMessageContaining("in runes");
  }

  private static Suspect suspect(String style) {
    return new Suspect(
        TARGET, List.of(), List.of(), List.of(new FoundStyle(style, 32, 32)), Position.START);
  }
}
