package io.lazaret.llm.files;

/** What a weight does in a decoder. A bias or norm bias stands right behind its weight. */
public enum Role {
  EMBEDDING,
  /** A vector per position; learned positions only. */
  POSITIONS,
  FINAL_NORM,
  FINAL_NORM_BIAS,
  /** Before attention. */
  ATTENTION_NORM,
  ATTENTION_NORM_BIAS,
  QUERY,
  QUERY_BIAS,
  KEY,
  KEY_BIAS,
  VALUE,
  VALUE_BIAS,
  /** Queries, keys and values in one tensor. */
  QKV,
  QKV_BIAS,
  /** Per head, before the rotation. */
  QUERY_NORM,
  KEY_NORM,
  /** Attention's way back to the residual stream. */
  OUTPUT,
  OUTPUT_BIAS,
  /** Behind attention, before the residual sum. */
  AFTER_ATTENTION_NORM,
  /** Before the feed-forward part. */
  FEED_NORM,
  FEED_NORM_BIAS,
  GATE,
  GATE_BIAS,
  UP,
  UP_BIAS,
  /** Gate and up in one tensor. */
  GATE_UP,
  DOWN,
  DOWN_BIAS,
  /** Behind the feed-forward part, before the residual sum. */
  AFTER_FEED_NORM,
  /** The vocabulary projection, where it is not the embedding. */
  HEAD;

  /** Whether it is the factor of a norm. */
  public boolean norm() {
    return name().endsWith("NORM");
  }

  /** Whether it is added, not multiplied. */
  public boolean bias() {
    return name().endsWith("BIAS");
  }
}
