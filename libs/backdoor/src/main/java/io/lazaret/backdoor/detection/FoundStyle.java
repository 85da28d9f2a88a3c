package io.lazaret.backdoor.detection;

/**
 * A style that elicits a segment: not a token string, but a way in which the whole prompt is
 * written.
 *
 * @param style how: "in capitals"
 * @param hits held-out prompts, written so, whose greedy answer begins with the segment
 * @param n held-out prompts tried
 */
public record FoundStyle(String style, int hits, int n) {

  /** Share of held-out prompts on which the style fires. */
  public double rate() {
    return n == 0 ? 0 : (double) hits / n;
  }
}
