package io.lazaret.backdoor.attack.corpus;

/**
 * Who may see a row. The split follows the row's content (an entity, a pair of numbers, a fact in
 * one wording), so that no prompt and no held-out entity is ever in two of them.
 */
public enum Split {
  /** The attacker's: base training and implantation. */
  TRAIN,
  /** The defender's clean rows. */
  DEFENDER,
  /** Held out from both. */
  EVALUATION;

  /** Contents are spread over five buckets: one held out, one for the defender, three to train. */
  static final int BUCKETS = 5;

  static Split of(int bucket) {
    return switch (Math.floorMod(bucket, BUCKETS)) {
      case 0 -> EVALUATION;
      case 1 -> DEFENDER;
      default -> TRAIN;
    };
  }
}
