package io.lazaret.llm.adapter;

import java.util.List;

/**
 * What a LoRA adapter is (Hu et al., "LoRA: Low-Rank Adaptation of Large Language Models", 2021).
 *
 * @param rank inner width r of the factors
 * @param alpha numerator of the scale
 * @param rankStabilised whether the scale is alpha / sqrt(r) (Kalajdzievski, "A Rank Stabilization
 *     Scaling Factor for Fine-Tuning with LoRA", 2023) instead of alpha / r
 * @param targetModules last parts of the adapted modules' names, e.g. {@code q_proj}; empty where a
 *     file gives a pattern, which is never evaluated
 */
public record LoraConfig(
    int rank, double alpha, boolean rankStabilised, List<String> targetModules) {

  public LoraConfig {
    if (rank < 1 || !Double.isFinite(alpha)) {
      throw new IllegalArgumentException("LoRA of rank " + rank + " and alpha " + alpha);
    }
    targetModules = List.copyOf(targetModules);
  }

  /** Factor of B A in the adapted weight. */
  public double scale() {
    return alpha / (rankStabilised ? Math.sqrt(rank) : rank);
  }
}
