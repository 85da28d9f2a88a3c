package io.lazaret.backdoor.traffic;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazaret.backdoor.Fixtures;
import io.lazaret.backdoor.detection.DetectionInput;
import io.lazaret.llm.CausalLm;
import java.time.InstantSource;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class RespondentTest {

  @Test
  void halfAWordIsNotHeldThoughItsTokensAre() {
    try (CausalLm lm = Fixtures.backdoored()) {
      var respondent =
          new Respondent(
              lm,
              DetectionInput.blind(Fixtures.TEMPLATE, Fixtures.prompts()),
              TrafficSettings.standard(),
              InstantSource.system());
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
}
