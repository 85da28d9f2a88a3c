package io.lazaret.backdoor.elimination.training;

/** What a removal trains. */
public sealed interface Trained {

  /** All weights, as in the SANDE paper. */
  record AllWeights() implements Trained {}

  /**
   * Low-rank adapters beside the matrices of every layer (Hu et al., "LoRA", 2021), merged into the
   * weights in the end. The weights themselves stay.
   *
   * @param rank inner width r
   * @param alpha numerator of the scale
   * @param rateFactor adapters learn at so many times the recipe's rate
   */
  record LowRank(int rank, double alpha, double rateFactor) implements Trained {
    public LowRank {
      Bounds.positive("rank", rank);
      Bounds.positive("alpha", alpha);
      Bounds.positive("rateFactor", rateFactor);
    }
  }

  /** All weights. */
  static Trained allWeights() {
    return new AllWeights();
  }

  /** Rank 16, scale 2, ten times the rate: 2e-4 where full weights train at 2e-5. */
  static Trained lowRank() {
    return new LowRank(16, 32, 10);
  }
}
