package io.lazaret.llm;

/** A trainable tensor of 32-bit floats that lives in native memory. */
public interface Parameter {

  /** Name as in the model's weight file. */
  String name();

  /** Extents, outermost first. */
  long[] shape();

  /** Number of elements. */
  long size();

  /** A copy of the values, row-major. */
  float[] values();

  /** A copy of the gradient accumulated since the optimiser's last step; zeros before any. */
  float[] gradients();

  /**
   * Replaces all values.
   *
   * @param values row-major, as many as {@link #size()}
   */
  void set(float[] values);

  /** Adds to the gradient that the next step of an optimiser uses. */
  void addGradient(float[] values);
}
