package io.lazaret.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PrintableTest {

  @Test
  void lettersOfAllScriptsStayAsTheyAre() {
    assertThat(Printable.of("Grüße, мир, 世界 😀")).isEqualTo("Grüße, мир, 世界 😀");
  }

  @Test
  void controlCharactersBecomeEscapes() {
    assertThat(Printable.of("a\u001b[31mb\u0007\u009bc\u007f\n\r\t"))
        .isEqualTo("a\\u001B[31mb\\u0007\\u009Bc\\u007F\\n\\r\\t");
  }

  @Test
  void charactersThatReverseOrHideTextBecomeEscapes() {
    assertThat(Printable.of("a\u202eb\u200bc\ufeffd\u2028e"))
        .isEqualTo("a\\u202Eb\\u200Bc\\uFEFFd\\u2028e");
  }

  @Test
  void invisibleTagCharactersBeyondTheBasicPlaneBecomeEscapes() {
    assertThat(Printable.of("x" + Character.toString(0xE0041))).isEqualTo("x\\u{E0041}");
  }

  @Test
  void halfASurrogatePairBecomesAnEscape() {
    assertThat(Printable.of("x\ud83d")).isEqualTo("x\\uD83D");
  }

  @Test
  void longTextIsCutToTheWidth() {
    assertThat(Printable.of("abcdefgh", 5)).isEqualTo("abcd…").hasSize(5);
    assertThat(Printable.of("abcde", 5)).isEqualTo("abcde");
  }

  @Test
  void quotesInsideQuotesAreEscaped() {
    assertThat(Printable.quoted(" say \"x\" ")).isEqualTo("\" say \\\"x\\\" \"");
  }
}
