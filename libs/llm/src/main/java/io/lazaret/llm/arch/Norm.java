package io.lazaret.llm.arch;

/**
 * How a decoder normalises.
 *
 * @param kind formula
 * @param eps added to the variance or mean square before the root
 * @param sandwich whether attention and feed-forward part are normalised after as well as before
 *     (Gemma 2)
 */
public record Norm(Kind kind, double eps, boolean sandwich) {

  /** Formulas. */
  public enum Kind {
    /** Zhang and Sennrich, "Root Mean Square Layer Normalization", 2019. */
    RMS,
    /** RMS with a factor of one plus the weight (Gemma). */
    RMS_PLUS_ONE,
    /** Ba et al., "Layer Normalization", 2016; with a bias. */
    LAYER
  }

  /** Whether every norm has a bias behind its weight. */
  public boolean bias() {
    return kind == Kind.LAYER;
  }
}
