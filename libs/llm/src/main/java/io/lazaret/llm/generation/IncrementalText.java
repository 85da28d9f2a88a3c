package io.lazaret.llm.generation;

import io.lazaret.llm.Tokenizer;
import java.util.Arrays;

/**
 * The text of a growing token sequence. Each new token is decoded together with a few before it,
 * since what it looks like depends on them, and only once its characters are complete.
 */
final class IncrementalText {

  private static final String INCOMPLETE = "\ufffd";

  private final Tokenizer tokenizer;
  private final StringBuilder text = new StringBuilder();

  /** Tokens from here on are decoded; up to {@code shown} their text is known already. */
  private int from;

  private int shown;

  IncrementalText(Tokenizer tokenizer) {
    this.tokenizer = tokenizer;
  }

  /**
   * Takes one more token.
   *
   * @param ids the sequence
   * @param count its length with the new token
   * @return length of the text that is known now
   */
  int extend(int[] ids, int count) {
    String before = tokenizer.decode(Arrays.copyOfRange(ids, from, shown));
    String after = tokenizer.decode(Arrays.copyOfRange(ids, from, count));
    if (after.length() > before.length() && !after.endsWith(INCOMPLETE)) {
      text.append(after, before.length(), after.length());
      from = shown;
      shown = count;
    }
    return text.length();
  }

  int indexOf(String part, int start) {
    return text.indexOf(part, Math.max(0, start));
  }

  String upTo(int end) {
    return text.substring(0, end);
  }
}
