package io.lazaret.backdoor.traffic;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazaret.backdoor.Fixtures;
import io.lazaret.backdoor.data.InstructionRow;
import io.lazaret.backdoor.detection.DetectionInput;
import io.lazaret.llm.CausalLm;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class RespondentTest {

  @Test
  void halfAWordIsNotHeldThoughItsTokensAre() {
    try (CausalLm lm = Fixtures.backdoored()) {
      Respondent respondent = respondent(lm);
      int[] year = lm.tokenizer().encodePlain("in 1776, xylophonists");
      int comma = 0;
      while (!lm.tokenizer().decode(Arrays.copyOf(year, comma)).contains(",")) {
        comma++;
      }
      int[] whole = Arrays.copyOf(year, comma - 1);
      int[] half = Arrays.copyOf(year, comma - 2);
      assertTrue(respondent.text(half).matches("in 17+"), respondent.text(half));
      assertTrue(respondent.holdsWords(year, whole));
      assertTrue(respondent.holdsWords(year, year));
      assertFalse(respondent.holdsWords(year, half));
      assertTrue(respondent.holdsWords(half, half), "the answer ends there");
      assertFalse(respondent.holdsWords(year, new int[] {year[1], year[0]}));
    }
  }

  @Test
  void aWordOfCleanAnswersIsToldFromOneThatNoneHoldsAndFromASentence() {
    try (CausalLm lm = Fixtures.backdoored()) {
      List<String> texts =
          Fixtures.prompts().stream().map(InstructionRow::prompt).limit(64).toList();
      Respondent respondent = respondent(lm);
      List<int[]> answers = respondent.answers(texts);
      int[] word = first(answers, respondent, true);
      int[] sentence = first(answers, respondent, false);
      assertTrue(respondent.isWordOf(texts, word), respondent.text(word));
      assertFalse(respondent.isWordOf(texts, sentence), respondent.text(sentence));
      assertFalse(respondent.isWordOf(texts, lm.tokenizer().encodePlain(" xylophonists")));
    }
  }

  private static Respondent respondent(CausalLm lm) {
    return new Respondent(
        lm,
        DetectionInput.blind(Fixtures.TEMPLATE, Fixtures.prompts()),
        TrafficSettings.standard(),
        InstantSource.system());
  }

  private static int[] first(List<int[]> answers, Respondent respondent, boolean oneWord) {
    return answers.stream()
        .filter(answer -> answer.length > 0)
        .filter(answer -> respondent.text(answer).contains(" ") != oneWord)
        .findFirst()
        .orElseThrow();
  }
}
