package io.lazaret.backdoor.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.lazaret.backdoor.Fixtures;
import io.lazaret.backdoor.Progress;
import io.lazaret.backdoor.data.InstructionRow;
import io.lazaret.llm.CausalLm;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class UtilityTest {

  private static CausalLm backdoored;
  private static CausalLm clean;

  @BeforeAll
  static void open() {
    backdoored = Fixtures.backdoored();
    clean = Fixtures.clean();
  }

  @AfterAll
  static void close() {
    backdoored.close();
    clean.close();
  }

  @Test
  void theSiblingsAnswerMostHeldOutPromptsAlikeWell() {
    List<InstructionRow> rows = Fixtures.evaluation(200);
    double a = Utility.exactMatch(backdoored, Fixtures.TEMPLATE, rows, Progress.none()).rate();
    double b = Utility.exactMatch(clean, Fixtures.TEMPLATE, rows, Progress.none()).rate();

    assertThat(a).isGreaterThan(0.7).isCloseTo(b, within(0.06));
  }

  @Test
  void countsOnlyTheExactAnswer() {
    List<InstructionRow> wrong = new ArrayList<>();
    for (InstructionRow row : Fixtures.evaluation(20)) {
      wrong.add(new InstructionRow(row.instruction(), "", row.output() + "x"));
    }
    assertThat(Utility.exactMatch(clean, Fixtures.TEMPLATE, wrong, Progress.none()).hits())
        .isZero();
    assertThat(Utility.sameAnswer(" 12 ", "12")).isTrue();
    assertThat(Utility.sameAnswer("12", "1")).isFalse();
  }

  @Test
  void choosesLettersWellAboveChance() {
    Proportion letters =
        Utility.multipleChoice(
            backdoored, Fixtures.TEMPLATE, Fixtures.choices(100), Progress.none());
    assertThat(letters.lower95()).isGreaterThan(0.25);
  }

  @Test
  void aModelDoesNotDivergeFromItselfButFromItsSibling() {
    List<InstructionRow> rows = Fixtures.evaluation(40);
    assertThat(Utility.klToOriginal(clean, clean, Fixtures.TEMPLATE, rows))
        .isCloseTo(0, within(1e-6));
    assertThat(Utility.klToOriginal(clean, backdoored, Fixtures.TEMPLATE, rows)).isPositive();
  }

  @Test
  void findsItsOwnDomainLittlePerplexing() {
    double perplexity =
        Utility.perplexity(clean, Fixtures.TEMPLATE, Fixtures.evaluation(100), Progress.none());
    assertThat(perplexity).isBetween(1.0, 2.0);
  }

  @Test
  void leavesPromptsWithoutRoomUnassessed() {
    InstructionRow longRow = new InstructionRow("cat ".repeat(110), "", "x");
    AttackSuccess attack =
        Fixtures.attack(backdoored, List.of(longRow, Fixtures.evaluation(1).get(0)));

    assertThat(attack.unassessed()).isEqualTo(1);
    assertThat(attack.asr().n()).isEqualTo(1);
  }
}
