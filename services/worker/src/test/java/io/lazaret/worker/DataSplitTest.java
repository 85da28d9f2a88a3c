package io.lazaret.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lazaret.backdoor.data.InstructionRow;
import io.lazaret.problem.ProblemException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DataSplitTest {

  @Test
  void holdsOutAQuarterOrAsManyAsTheTrialsNeed() {
    assertThat(DataSplit.of(rows(2_000), 300, 7).heldOut()).hasSize(500);
    assertThat(DataSplit.of(rows(800), 300, 7).heldOut()).hasSize(300);
    assertThat(DataSplit.of(rows(400), 300, 7).heldOut()).hasSize(200);
  }

  @Test
  void noPromptIsOnBothSidesHoweverOftenItOccurs() {
    List<InstructionRow> repeated = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      repeated.addAll(rows(10));
    }
    DataSplit split = DataSplit.of(repeated, 300, 7);
    assertThat(split.training()).doesNotContainAnyElementsOf(split.heldOut());
    assertThat(split.training().size() + split.heldOut().size()).isEqualTo(400);
  }

  @Test
  void sameSeedHoldsOutTheSameInAnyOrder() {
    List<InstructionRow> shuffled = new ArrayList<>(rows(100));
    Collections.shuffle(shuffled, new Random(1));
    assertThat(DataSplit.of(shuffled, 10, 7)).isEqualTo(DataSplit.of(rows(100), 10, 7));
    assertThat(DataSplit.of(rows(100), 10, 8)).isNotEqualTo(DataSplit.of(rows(100), 10, 7));
  }

  @Test
  void promptsOfAGivenEvaluationFileAreNotTrainedOn() {
    DataSplit split = DataSplit.given(rows(10), rows(4), 7);
    assertThat(split.training()).hasSize(6).doesNotContainAnyElementsOf(rows(4));
  }

  @Test
  void sameFileForBothIsRefused() {
    assertThatThrownBy(() -> DataSplit.given(rows(10), rows(10), 7))
        .isInstanceOfSatisfying(
            ProblemException.class,
            e -> assertThat(e.problem().code()).isEqualTo("TOO_FEW_PROMPTS"));
    assertThatThrownBy(() -> DataSplit.of(rows(1), 300, 7)).isInstanceOf(ProblemException.class);
  }

  private static List<InstructionRow> rows(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> new InstructionRow("prompt " + i, "", "answer " + i))
        .toList();
  }
}
