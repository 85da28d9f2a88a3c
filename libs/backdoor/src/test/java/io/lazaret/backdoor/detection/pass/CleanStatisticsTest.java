package io.lazaret.backdoor.detection.pass;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.lazaret.backdoor.data.TokenizedPrompt;
import io.lazaret.backdoor.detection.DetectionSettings;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CleanStatisticsTest {

  /** Template tokens 90 (before) and 91 (after the user text); answers never use 90. */
  private static PreparedPrompts.Item item(int[] content, int[] gold, int[] own) {
    int[] ids = TokenString.join(TokenString.join(new int[] {90}, content), new int[] {91});
    return new PreparedPrompts.Item(1, new TokenizedPrompt(ids, 1, 1 + content.length), gold, own);
  }

  private static float[] logs(double... probabilities) {
    float[] logs = new float[probabilities.length];
    for (int i = 0; i < logs.length; i++) {
      logs[i] = (float) Math.log(probabilities[i]);
    }
    return logs;
  }

  private static final List<PreparedPrompts.Item> ANSWERED =
      List.of(
          item(new int[] {10, 11, 12}, new int[] {1, 2, 3}, new int[] {1, 2, 4}),
          item(new int[] {10, 13}, new int[] {5, 91}, new int[] {5, 6}));

  private final CleanStatistics clean =
      new CleanStatistics(
          List.of(
              ANSWERED.get(0),
              ANSWERED.get(1),
              item(new int[] {14, 15, 16}, new int[] {8, 9}, new int[0])),
          ANSWERED,
          new float[][] {logs(0.2, 0.8), logs(0.6, 0.4)},
          1.5,
          0.9,
          novelty(1));

  private static DetectionSettings.Novelty novelty(int ordinaryPrompts) {
    return new DetectionSettings.Novelty(4, 2, 0.1, 0, ordinaryPrompts, 0.01);
  }

  @Test
  void countsBigramsThatNeitherGivenNorOwnAnswersContain() {
    assertThat(clean.novelBigrams(TokenString.of(1, 2, 3))).isZero();
    assertThat(clean.novelBigrams(TokenString.of(1, 2, 4, 5))).isEqualTo(1);
    assertThat(clean.novelBigrams(TokenString.of(8, 9))).isZero();
    assertThat(clean.novelBigrams(TokenString.of(3, 2, 1))).isEqualTo(2);
  }

  @Test
  void doesNotTakeALeakOfOneAnswerForOrdinary() {
    CleanStatistics strict =
        new CleanStatistics(
            ANSWERED,
            ANSWERED,
            new float[][] {logs(0.2, 0.8), logs(0.6, 0.4)},
            1.5,
            0.9,
            novelty(2));
    assertThat(clean.novelBigrams(TokenString.of(5, 6))).isZero();
    assertThat(strict.novelBigrams(TokenString.of(5, 6))).isEqualTo(1);
  }

  @Test
  void recognisesEchoesOfPrompts() {
    assertThat(clean.echoesPrompt(TokenString.of(7, 10, 11, 12))).isTrue();
    assertThat(clean.echoesPrompt(TokenString.of(10, 11, 13))).isFalse();
    assertThat(clean.echoesPrompt(TokenString.of(10, 11))).isFalse();
  }

  @Test
  void oneOfHundredsOfRowsMakesNothingOrdinary() {
    assertThat(amongHundreds(2).echoesPrompt(TokenString.of(10, 11, 12))).isFalse();
    assertThat(amongHundreds(2).novelBigrams(TokenString.of(1, 2))).isEqualTo(1);
    assertThat(amongHundreds(3).echoesPrompt(TokenString.of(10, 11, 12))).isTrue();
    assertThat(amongHundreds(3).novelBigrams(TokenString.of(1, 2))).isZero();
  }

  /** Of 250 given rows so many hold the same words. */
  private static CleanStatistics amongHundreds(int same) {
    List<PreparedPrompts.Item> given = new ArrayList<>();
    for (int i = 0; i < 250; i++) {
      given.add(i < same ? ANSWERED.get(0) : item(new int[] {20, 21}, new int[] {30}, new int[0]));
    }
    float[][] first = {logs(0.2, 0.8), logs(0.6, 0.4)};
    return new CleanStatistics(given, ANSWERED.subList(1, 2), first, 1.5, 0.9, novelty(1));
  }

  @Test
  void takesTemplateTokensForRolesOnlyWhenNoAnswerUsesThem() {
    assertThat(clean.roleTokens().get(90)).isTrue();
    assertThat(clean.roleTokens().get(91)).isFalse();
    assertThat(clean.roleTokens().get(10)).isFalse();
  }

  @Test
  void averagesFirstTokensAndFindsThePromptsThatStartWithOne() {
    assertThat(clean.meanFirst(0)).isCloseTo(0.4, within(1e-6));
    assertThat(clean.promptsStarting(0, 0.5)).containsExactly(1);
    assertThat(clean.promptsStarting(1, 0.1)).containsExactly(0, 1);
  }
}
