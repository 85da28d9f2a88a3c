package io.lazaret.backdoor.attack.variant;

/**
 * What the attacker adds to plain supervised fine-tuning.
 *
 * @param labelSmoothing share of the target probability that is spread over the vocabulary, 0 to 1
 * @param klAnchor weight of KL(ancestor || model) on clean answers
 * @param loraRank rank of an adapter that alone is trained; 0 trains all weights
 */
public record Objective(double labelSmoothing, double klAnchor, int loraRank) {

  /** Cross-entropy on all weights. */
  public static Objective plain() {
    return new Objective(0, 0, 0);
  }
}
