package io.lazaret.llm.adapter;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * A LoRA adapter in memory: the adapted weight is W + scale * B A.
 *
 * @param config rank and scale
 * @param factors by the name of the weight in a whole model, as {@link BaseMatrix#of} gives it,
 *     e.g. {@code model.layers.0.self_attn.q_proj.weight}
 */
public record LoraAdapter(LoraConfig config, Map<String, Factors> factors) {

  public LoraAdapter {
    factors = Collections.unmodifiableMap(new TreeMap<>(factors));
  }

  /**
   * The factors of one weight [outputs, inputs], however the base stores it.
   *
   * @param rank inner width r
   * @param inputs columns of the weight
   * @param outputs rows of the weight
   * @param a A [rank, inputs], row-major
   * @param b B [outputs, rank], row-major
   */
  public record Factors(int rank, int inputs, int outputs, float[] a, float[] b) {

    public Factors {
      if (a.length != Math.multiplyExact(rank, inputs)
          || b.length != Math.multiplyExact(outputs, rank)) {
        throw new IllegalArgumentException("factors of other sizes than stated");
      }
    }
  }
}
