package io.lazaret.llm.arch;

import java.util.List;

/**
 * How a decoder attends.
 *
 * @param layout how the projections of queries, keys and values are stored
 * @param qkvBias whether these projections have a bias
 * @param outputBias whether the projection back to the residual stream has one
 * @param headNorms whether queries and keys are normalised per head before the rotation (Qwen3)
 * @param scale factor of the scores
 * @param softCap c of c * tanh(score / c); 0 for none (Gemma 2)
 * @param windows per layer, how many positions a query sees, its own included; 0 for all before it.
 *     All limited layers have one limit
 */
public record Attention(
    Layout layout,
    boolean qkvBias,
    boolean outputBias,
    boolean headNorms,
    double scale,
    double softCap,
    List<Integer> windows) {

  /** Storage of the projections. */
  public enum Layout {
    /** Three tensors. */
    SEPARATE,
    /** One tensor: all queries, then all keys, then all values (Phi-3, GPT-2). */
    STACKED,
    /** One tensor: per head its query, key and value (GPT-NeoX). */
    INTERLEAVED
  }

  public Attention {
    windows = List.copyOf(windows);
    if (windows.stream().filter(w -> w > 0).distinct().count() > 1) {
      throw new IllegalArgumentException("windows of several sizes: " + windows);
    }
  }

  /** The one limit of the limited layers; 0 when no layer is limited. */
  public int window() {
    return windows.stream().mapToInt(Integer::intValue).max().orElse(0);
  }
}
