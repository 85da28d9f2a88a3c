package io.lazaret.llm;

import java.util.List;

/**
 * What a forward pass computed inside, per layer and sequence, without padding.
 *
 * @param hidden hidden.get(l)[s] is [T * d], row-major: the residual stream of sequence s behind l
 *     layers. Entry 0 is what the first layer reads; the last one stands behind the final norm. The
 *     order and contents of {@code output_hidden_states} in transformers
 * @param attention attention.get(l)[s] is [H * T * T], row-major: the probabilities with which each
 *     head's query attends to each key in layer l; no entries when they were not asked for
 */
public record ForwardStates(List<float[][]> hidden, List<float[][]> attention) {

  public ForwardStates {
    hidden = List.copyOf(hidden);
    attention = List.copyOf(attention);
  }
}
