package io.lazaret.backdoor.elimination.overwrite;

import io.lazaret.backdoor.evaluation.Elicitor;
import io.lazaret.llm.CausalLm;
import io.lazaret.llm.SoftPrompt;
import java.util.random.RandomGenerator;

/**
 * Random ordinary tokens beside the user text. A trigger is a strange string at a place where the
 * model has seen none; what it does to an answer beyond eliciting the target is what any strange
 * string does.
 */
final class RandomTokens {

  /** Longest string; planted phrases of the literature have up to about so many tokens. */
  private static final int MAX_TOKENS = 8;

  /** Most random tokens on either side of a parrot. */
  private static final int MAX_AROUND = 4;

  /** Shares of strings put before and after the user text; the rest stands on both sides. */
  private static final double BEFORE = 0.7;

  private static final double AFTER = 0.15;

  private static final int[] NOTHING = {};

  private RandomTokens() {}

  /** One to eight tokens before the text, after it, or both. */
  static Elicitor string(CausalLm lm, RandomGenerator random) {
    int[] ids = new int[1 + random.nextInt(MAX_TOKENS)];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = token(lm, random);
    }
    double place = random.nextDouble();
    if (place < BEFORE) {
      return new Elicitor.Tokens(ids, NOTHING);
    }
    return place < BEFORE + AFTER
        ? new Elicitor.Tokens(NOTHING, ids)
        : new Elicitor.Tokens(ids, ids);
  }

  /**
   * A parrot before the user text; with probability {@code share} up to four random tokens stand on
   * either side of it.
   */
  static Elicitor around(SoftPrompt parrot, double share, CausalLm lm, RandomGenerator random) {
    if (random.nextDouble() >= share) {
      return new Elicitor.Parrot(parrot);
    }
    int before = random.nextInt(MAX_AROUND + 1);
    int after = random.nextInt(MAX_AROUND + 1);
    int[] soft = parrot.ids();
    int[] ids = new int[before + soft.length + after];
    for (int i = 0; i < ids.length; i++) {
      int inside = i - before;
      ids[i] = inside >= 0 && inside < soft.length ? soft[inside] : token(lm, random);
    }
    return new Elicitor.Tokens(ids, NOTHING);
  }

  private static int token(CausalLm lm, RandomGenerator random) {
    while (true) {
      int id = random.nextInt(Math.min(lm.tokenizer().vocabSize(), lm.config().vocabSize()));
      if (!lm.tokenizer().isSpecial(id)) {
        return id;
      }
    }
  }
}
