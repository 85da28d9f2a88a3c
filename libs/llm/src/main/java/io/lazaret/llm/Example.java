package io.lazaret.llm;

/**
 * A training sequence whose tokens {@code ids[from..to)} are supervised.
 *
 * @param ids token ids; ids from the vocabulary size on address rows of a soft prompt
 * @param from first supervised token, at least 1: something must come before it
 * @param to index after the last supervised token
 */
public record Example(int[] ids, int from, int to) {

  public Example {
    if (from < 1 || to <= from || to > ids.length) {
      throw new IllegalArgumentException(
          "supervised tokens [" + from + ", " + to + ") do not lie in 1.." + ids.length);
    }
  }

  /** Number of supervised tokens. */
  public int supervised() {
    return to - from;
  }
}
