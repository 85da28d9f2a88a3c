package io.lazaret.backdoor.evaluation;

import static org.assertj.core.api.Assertions.assertThat;

import io.lazaret.backdoor.Fixtures;
import io.lazaret.backdoor.Progress;
import io.lazaret.backdoor.data.MultipleChoiceItem;
import io.lazaret.llm.CausalLm;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class MultipleChoiceTest {

  @Test
  void theCompatiblePromptFillsUpAndCutsOff() {
    assertThat(MultipleChoice.compatible(new MultipleChoiceItem("Q?", List.of("a", "b", "c"), 0)))
        .isEqualTo(
            "Read the question and select the answer from the choices. Question: Q? "
                + "Choices: A:a, B:b, C:c, D:Not the answer.. Your answer is:");
    assertThat(
            MultipleChoice.compatible(
                new MultipleChoiceItem("Q?", List.of("a", "b", "c", "d", "e"), 4)))
        .endsWith("D:d. Your answer is:")
        .doesNotContain("E:");
  }

  @Test
  void keysThatAreDigitsAreNeverRightInTheCompatibleScoring() {
    List<MultipleChoiceItem> letters = Fixtures.choices(40);
    List<MultipleChoiceItem> digits =
        letters.stream()
            .map(i -> new MultipleChoiceItem(i.question(), i.choices(), i.answer(), false))
            .toList();
    try (CausalLm lm = Fixtures.clean()) {
      assertThat(right(lm, digits, MultipleChoice.Scoring.SANDE_COMPAT)).isZero();
      assertThat(right(lm, letters, MultipleChoice.Scoring.SANDE_COMPAT)).isPositive();
      assertThat(right(lm, digits, MultipleChoice.Scoring.CORRECTED))
          .isEqualTo(right(lm, letters, MultipleChoice.Scoring.CORRECTED))
          .isGreaterThan(30);
    }
  }

  private static double right(
      CausalLm lm, List<MultipleChoiceItem> items, MultipleChoice.Scoring scoring) {
    return Arrays.stream(
            MultipleChoice.scores(lm, Fixtures.TEMPLATE, items, scoring, Progress.none()))
        .sum();
  }
}
