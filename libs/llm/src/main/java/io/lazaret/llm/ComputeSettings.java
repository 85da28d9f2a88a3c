package io.lazaret.llm;

/**
 * How a model computes: number format of the products, and what training trades for memory. None of
 * them but the precision changes a result by more than the order of sums.
 *
 * @param precision number format of every product with a weight and of attention
 * @param microBatch most sequences of one forward and backward pass; a larger batch becomes several
 *     passes whose gradients add up (gradient accumulation); 0 leaves it to the batch limits
 * @param checkpointing whether training keeps only the input of every layer and computes the layer
 *     again in the backward pass (Chen et al., "Training Deep Nets with Sublinear Memory Cost",
 *     2016): less memory for about a third more time
 * @param lossChunk most supervised positions that are projected to the vocabulary at a time; 0 as
 *     many as give 2^22 logits (16 MiB), or fewer where the batch limits allow fewer
 */
public record ComputeSettings(
    Precision precision, int microBatch, boolean checkpointing, int lossChunk) {

  /** Number formats to compute in. Stored weights, gradients and the loss are always 32 bits. */
  public enum Precision {
    FP32,
    /** Products and attention in bfloat16; norms, residual stream and loss in 32 bits. */
    BF16
  }

  public ComputeSettings {
    if (microBatch < 0 || lossChunk < 0) {
      throw new IllegalArgumentException(
          "micro-batch " + microBatch + " and loss chunk " + lossChunk + " must not be negative");
    }
  }

  /** 32 bits, batches as large as the limits allow, nothing computed twice. */
  public static ComputeSettings standard() {
    return new ComputeSettings(Precision.FP32, 0, false, 0);
  }

  /** The same in another number format. */
  public ComputeSettings with(Precision other) {
    return new ComputeSettings(other, microBatch, checkpointing, lossChunk);
  }

  /** The same with another micro-batch. */
  public ComputeSettings withMicroBatch(int sequences) {
    return new ComputeSettings(precision, sequences, checkpointing, lossChunk);
  }

  /** The same with or without gradient checkpointing. */
  public ComputeSettings withCheckpointing(boolean on) {
    return new ComputeSettings(precision, microBatch, on, lossChunk);
  }

  /** The same with another loss chunk. */
  public ComputeSettings withLossChunk(int positions) {
    return new ComputeSettings(precision, microBatch, checkpointing, positions);
  }
}
