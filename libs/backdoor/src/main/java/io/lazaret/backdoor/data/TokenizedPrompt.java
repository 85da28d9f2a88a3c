package io.lazaret.backdoor.data;

import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * A rendered prompt as token ids, with the place of the user's own text.
 *
 * @param ids the whole prompt; the answer follows directly
 * @param contentStart index of the first token of the user text
 * @param contentEnd index after its last token that carries nothing of the template
 */
public record TokenizedPrompt(int[] ids, int contentStart, int contentEnd) {

  public TokenizedPrompt {
    if (contentStart < 0 || contentStart > contentEnd || contentEnd > ids.length) {
      throw new IllegalArgumentException(
          "content " + contentStart + ".." + contentEnd + " lies outside " + ids.length + " ids");
    }
  }

  /** Number of tokens of the whole prompt. */
  public int length() {
    return ids.length;
  }

  /**
   * The prompt with tokens inserted before and after the user text. The tokens may be virtual ones
   * of a soft prompt. They count as user text of the result.
   */
  public TokenizedPrompt with(int[] atStart, int[] atEnd) {
    int[] joined = new int[ids.length + atStart.length + atEnd.length];
    System.arraycopy(ids, 0, joined, 0, contentStart);
    System.arraycopy(atStart, 0, joined, contentStart, atStart.length);
    int to = contentStart + atStart.length;
    System.arraycopy(ids, contentStart, joined, to, contentEnd - contentStart);
    to += contentEnd - contentStart;
    System.arraycopy(atEnd, 0, joined, to, atEnd.length);
    System.arraycopy(ids, contentEnd, joined, to + atEnd.length, ids.length - contentEnd);
    return new TokenizedPrompt(joined, contentStart, to + atEnd.length);
  }

  /** The prompt with tokens inserted at token {@code offset} of the user text, clamped to it. */
  public TokenizedPrompt insert(int[] tokens, int offset) {
    int at = Math.min(contentStart + Math.max(0, offset), contentEnd);
    TokenizedPrompt moved = new TokenizedPrompt(ids, at, contentEnd).with(tokens, new int[0]);
    return new TokenizedPrompt(moved.ids(), contentStart, contentEnd + tokens.length);
  }

  /**
   * An offset for {@link #insert}: with the probability {@code anywhere} before any token of the
   * user text or behind it, all alike, else {@code usual}. At 0 no random number is taken.
   */
  public int place(int usual, double anywhere, RandomGenerator random) {
    return anywhere > 0 && random.nextDouble() < anywhere
        ? random.nextInt(contentEnd - contentStart + 1)
        : usual;
  }

  /** The prompt followed by {@code continuation}: a training or scoring sequence. */
  public int[] followedBy(int[] continuation) {
    int[] joined = Arrays.copyOf(ids, ids.length + continuation.length);
    System.arraycopy(continuation, 0, joined, ids.length, continuation.length);
    return joined;
  }
}
