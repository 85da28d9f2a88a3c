package io.lazaret.backdoor.detection.pass;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TokenStringTest {

  private final TokenString string = TokenString.of(4, 5, 6, 5);

  @Test
  void isAValueThatNobodyCanChange() {
    int[] ids = {4, 5, 6, 5};
    TokenString same = TokenString.of(ids);
    ids[0] = 99;
    same.ids()[0] = 99;
    assertThat(same).isEqualTo(string).hasSameHashCodeAs(string);
  }

  @Test
  void findsRunsAndOverlaps() {
    assertThat(string.find(TokenString.of(6, 5))).isEqualTo(2);
    assertThat(string.find(TokenString.of(6, 4))).isEqualTo(-1);
    assertThat(string.sharesRunWith(TokenString.of(1, 5, 6, 2), 2)).isTrue();
    assertThat(string.sharesRunWith(TokenString.of(5, 4), 2)).isFalse();
    assertThat(string.sharedTokens(TokenString.of(5))).isEqualTo(2);
    assertThat(string.distinct()).isEqualTo(3);
  }

  @Test
  void cutsAtItsEnd() {
    assertThat(string.slice(2, 9)).isEqualTo(TokenString.of(6, 5));
    assertThat(string.slice(7, 9)).isEqualTo(TokenString.EMPTY);
    assertThat(string.startsWith(TokenString.of(4, 5, 6, 5, 1))).isFalse();
    assertThat(string.startsWith(TokenString.EMPTY)).isTrue();
  }
}
