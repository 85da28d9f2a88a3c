package io.lazaret.llm.files.tokenizer;

import io.lazaret.llm.files.bounded.JsonFile;

/**
 * Checks the regular expressions of a tokenizer. Native code runs them with backtracking on every
 * prompt and ends the process when it gives up, so an expression whose cost can explode is refused:
 * none may repeat a group, refer back to one, or hold more than two open repetitions in a branch.
 * No published tokenizer does.
 */
final class TokenizerPattern {

  private static final int MAX_CHARS = 4_096;

  private static final int MAX_REPETITIONS = 2;

  private final String pattern;
  private int classes;
  private int repetitions;

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
      } else if (classes == 0 && (c == '*' || c == '+')) {
        countRepetition(i);
      } else if (classes == 0 && c == '|') {
        repetitions = 0;
      } else if (classes == 0 && c == '{') {
        checkCount(i);
      } else if (c == ')' && classes == 0 && i + 1 < pattern.length()) {
        checkQuantifier(pattern.charAt(i + 1));
      }
    }
  }

  /** A plus behind a quantifier makes it possessive, which only makes it cheaper. */
  private void countRepetition(int i) {
    boolean possessive =
        i > 0 && pattern.charAt(i) == '+' && "*+?}".indexOf(pattern.charAt(i - 1)) >= 0;
    boolean escaped = i > 1 && pattern.charAt(i - 2) == '\\';
    if ((!possessive || escaped) && ++repetitions > MAX_REPETITIONS) {
      throw refused("repeats without end more than " + MAX_REPETITIONS + " times in a branch");
    }
  }

  /** A count in braces: small ones are no repetition without end. */
  private void checkCount(int i) {
    int end = pattern.indexOf('}', i);
    String count = end < 0 ? "" : pattern.substring(i + 1, end);
    if (!count.matches("([0-9],)?[0-9]") && i > 0 && !isProperty(i)) {
      countRepetition(i);
    }
  }

  private boolean isProperty(int i) {
    return i > 1 && pattern.charAt(i - 2) == '\\' && "pPxu".indexOf(pattern.charAt(i - 1)) >= 0;
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
