package io.lazaret.backdoor.detection;

/**
 * A functional trigger: a token string that elicits a segment. It was found by search, so it is
 * rarely the string that an attacker planted.
 *
 * @param text the tokens as text
 * @param tokenIds the tokens exactly as they were inserted
 * @param placement where they were inserted when the hits were counted
 * @param hits held-out prompts whose greedy answer begins with the segment
 * @param n held-out prompts tried
 */
public record FoundTrigger(String text, int[] tokenIds, Placement placement, int hits, int n) {

  /** Share of held-out prompts on which the trigger fires. */
  public double rate() {
    return n == 0 ? 0 : (double) hits / n;
  }
}
