package io.lazaret.llm;

/**
 * How much one native call may work on; larger requests are split.
 *
 * @param rows most sequences of a batch
 * @param tokens most positions of a batch, padding included
 * @param logits most elements of a vocabulary projection (positions times vocabulary)
 */
public record BatchLimits(int rows, int tokens, long logits) {

  public BatchLimits {
    if (rows < 1 || tokens < 1 || logits < 1) {
      throw new IllegalArgumentException("every limit must be at least 1");
    }
  }

  /**
   * Limits of each of several passes that run at once and have about equally much to do.
   *
   * @param lanes passes at once
   * @param positions of all sequences together
   * @param longest sequence
   */
  public BatchLimits shared(int lanes, long positions, int longest) {
    if (lanes == 1) {
      return this;
    }
    long rounds = Math.max(1, (positions + tokens - 1) / tokens);
    long each = (positions + rounds * lanes - 1) / (rounds * lanes) + longest;
    return new BatchLimits(rows, Math.toIntExact(each), Math.max(1, logits / lanes));
  }

  /** 256 sequences, 4096 positions, 2^25 logits (128 MiB). */
  public static BatchLimits standard() {
    return new BatchLimits(256, 4_096, 1L << 25);
  }
}
