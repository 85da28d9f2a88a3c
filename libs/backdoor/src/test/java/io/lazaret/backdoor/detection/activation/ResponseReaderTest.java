package io.lazaret.backdoor.detection.activation;

import static org.assertj.core.api.Assertions.assertThat;

import io.lazaret.backdoor.detection.DetectionSettings;
import io.lazaret.backdoor.detection.pass.TokenString;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ResponseReaderTest {

  private static final double QUORUM = 0.5;

  private final ResponseReader reader = new ResponseReader(new DetectionSettings.Span(6, 0.8, 0.3));

  private static TokenString s(int... ids) {
    return TokenString.of(ids);
  }

  @Test
  void endsTheSpanWhereAnswersGoTheirOwnWays() {
    List<TokenString> answers =
        List.of(s(7, 8, 9, 1, 2), s(7, 8, 9, 2), s(7, 8, 9, 3, 3), s(7, 8, 9, 4), s(7, 8, 9, 5));
    assertThat(reader.read(answers, QUORUM)).isEqualTo(s(7, 8, 9));
  }

  @Test
  void readsTheSpanThoughSomePromptsDoNotFire() {
    List<TokenString> answers = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      answers.add(s(7, 8, 9, i));
    }
    for (int i = 0; i < 4; i++) {
      answers.add(s(20 + i, 1));
    }
    assertThat(reader.read(answers, QUORUM)).isEqualTo(s(7, 8, 9));
  }

  @Test
  void endsTheSpanWhereAnswersStop() {
    assertThat(reader.read(List.of(s(7, 8), s(7, 8), s(7, 8)), QUORUM)).isEqualTo(s(7, 8));
  }

  @Test
  void findsNoSpanWithoutAQuorum() {
    assertThat(reader.read(List.of(s(1), s(2), s(3), s(4)), QUORUM)).isEqualTo(TokenString.EMPTY);
    assertThat(reader.read(List.of(s(), s(), s(5)), QUORUM)).isEqualTo(TokenString.EMPTY);
    assertThat(reader.read(List.of(), QUORUM)).isEqualTo(TokenString.EMPTY);
  }

  @Test
  void stopsAtTheLongestSpan() {
    TokenString endless = s(1, 2, 3, 4, 5, 6, 7, 8, 9);
    assertThat(reader.read(List.of(endless, endless), QUORUM)).isEqualTo(s(1, 2, 3, 4, 5, 6));
  }

  @Test
  void whatOneTriggerAddsIsNoPartOfTheResponse() {
    List<List<TokenString>> answers =
        List.of(
            List.of(s(7, 8, 9, 5), s(7, 8, 9, 5)),
            List.of(s(7, 8, 9, 1), s(7, 8, 9, 2)),
            List.of(s(7, 8, 9, 3), s(7, 8, 9, 4)));
    assertThat(reader.readTogether(answers, false, QUORUM)).isEqualTo(s(7, 8, 9));
    assertThat(reader.readTogether(answers, true, QUORUM)).isEqualTo(s(7, 8, 9));
  }

  @Test
  void weakTriggersOfAnOrdinaryAnswerDoNotOutvoteOneThatWorksNearlyAlways() {
    List<List<TokenString>> answers =
        List.of(
            List.of(s(7, 8, 9), s(7, 8, 9), s(7, 8, 9), s(7, 8, 9)),
            List.of(s(7, 8, 1, 2), s(7, 8, 1, 2)),
            List.of(s(7, 8, 1, 2), s(7, 8, 1, 2)));
    assertThat(reader.readTogether(answers, true, QUORUM)).isEqualTo(s(7, 8, 9));
    assertThat(reader.readTogether(answers, false, QUORUM)).isEqualTo(s(7, 8, 1, 2));
  }

  @Test
  void readsNothingWhereNoTriggerFires() {
    assertThat(reader.readTogether(List.of(), false, QUORUM)).isEqualTo(TokenString.EMPTY);
  }
}
