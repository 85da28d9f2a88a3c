package io.lazaret.backdoor.elimination.overwrite;

import io.lazaret.backdoor.data.TokenizedPrompt;
import io.lazaret.backdoor.evaluation.Elicitor;
import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * A few tokens of one user text, to be put beside another: what an unknown trigger made of ordinary
 * words looks like to the model. Answering in spite of them is what a repaired model must do.
 */
final class Distraction {

  /** Longest cut; planted phrases of the literature have up to about so many tokens. */
  private static final int MAX_TOKENS = 8;

  /** Shares of cuts put before and after the user text; the rest stands on both sides. */
  private static final double BEFORE = 0.6;

  private static final double AFTER = 0.2;

  private static final int[] NOTHING = {};

  private Distraction() {}

  static Elicitor from(TokenizedPrompt other, RandomGenerator random) {
    int[] cut = cut(other, random);
    double place = random.nextDouble();
    if (place < BEFORE) {
      return new Elicitor.Tokens(cut, NOTHING);
    }
    return place < BEFORE + AFTER
        ? new Elicitor.Tokens(NOTHING, cut)
        : new Elicitor.Tokens(cut, cut);
  }

  private static int[] cut(TokenizedPrompt other, RandomGenerator random) {
    int size = other.contentEnd() - other.contentStart();
    if (size == 0) {
      return NOTHING;
    }
    int from = other.contentStart() + random.nextInt(size);
    int to = Math.min(other.contentEnd(), from + 1 + random.nextInt(MAX_TOKENS));
    return Arrays.copyOfRange(other.ids(), from, to);
  }
}
