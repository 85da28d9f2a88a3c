package io.lazaret.llm.files;

/**
 * Checks the regular expressions of a tokenizer. Native code runs them with backtracking on every
 * prompt, so an expression whose cost can explode is refused: none may repeat a group or refer back
 * to one. No published tokenizer does.
 */
final class TokenizerPattern {

  private static final int MAX_CHARS = 4_096;

  private final String pattern;
  private int classes;

  private TokenizerPattern(String pattern) {
    this.pattern = pattern;
  }

  /**
   * @throws io.lazaret.problem.ProblemException {@code TOKENIZER_INVALID}
   */
  static void check(String pattern) {
    if (pattern.length() > MAX_CHARS) {
      throw TokenizerFile.invalid("a pattern has more than " + MAX_CHARS + " characters");
    }
    new TokenizerPattern(pattern).check();
  }

  private void check() {
    for (int i = 0; i < pattern.length(); i++) {
      char c = pattern.charAt(i);
      if (c == '\\') {
        i++;
        checkEscape(i < pattern.length() ? pattern.charAt(i) : ' ');
      } else if (c == '[') {
        classes++;
      } else if (c == ']' && classes > 0) {
        classes--;
      } else if (c == ')' && classes == 0 && i + 1 < pattern.length()) {
        checkQuantifier(pattern.charAt(i + 1));
      }
    }
  }

  private void checkEscape(char c) {
    boolean back = c >= '1' && c <= '9' || c == 'k' || c == 'g';
    if (classes == 0 && back) {
      throw refused("refers back to a group");
    }
  }

  private void checkQuantifier(char c) {
    if (c == '*' || c == '+' || c == '{') {
      throw refused("repeats a group");
    }
  }

  private RuntimeException refused(String what) {
    return TokenizerFile.invalid(
        "the pattern '" + JsonFile.shown(pattern) + "' " + what + ", which can take for ever");
  }
}
