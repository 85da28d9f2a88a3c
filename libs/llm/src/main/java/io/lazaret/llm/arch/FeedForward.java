package io.lazaret.llm.arch;

/**
 * The feed-forward part of a layer.
 *
 * @param activation non-linearity
 * @param gate how the inner width is made
 * @param bias whether its projections have a bias
 * @param parallel whether it reads the layer's input instead of attention's output (GPT-NeoX)
 */
public record FeedForward(Activation activation, Gate gate, boolean bias, boolean parallel) {

  /** Forms of the inner part. */
  public enum Gate {
    /** down(act(up(x))). */
    NONE,
    /** down(act(gate(x)) * up(x)); Shazeer, "GLU Variants Improve Transformer", 2020. */
    SEPARATE,
    /** As {@link #SEPARATE} with gate and up in one tensor, gate first (Phi-3). */
    STACKED
  }
}
