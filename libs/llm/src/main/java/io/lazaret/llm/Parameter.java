package io.lazaret.llm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import java.nio.FloatBuffer;

/** A trainable tensor of 32-bit floats that lives in native memory. */
public final class Parameter {

  private final String name;
  private final NDArray array;
  private NDArray gradient;

  Parameter(String name, NDArray array) {
    this.name = name;
    this.array = array;
  }

  /** Name as in the model's weight file. */
  public String name() {
    return name;
  }

  /** Extents, outermost first. */
  public long[] shape() {
    return array.getShape().getShape();
  }

  /** Number of elements. */
  public long size() {
    return array.getShape().size();
  }

  /** A copy of the values, row-major. */
  public float[] values() {
    return copy(array);
  }

  /** A copy of the gradient accumulated since the optimiser's last step; zeros before any. */
  public float[] gradients() {
    return gradient == null ? new float[Math.toIntExact(size())] : copy(gradient);
  }

  /**
   * Replaces all values.
   *
   * @param values row-major, as many as {@link #size()}
   */
  public void set(float[] values) {
    write(array, values, (old, x) -> x);
  }

  /** Adds to the gradient that the next step of an optimiser uses. */
  public void addGradient(float[] values) {
    write(gradient(), values, Float::sum);
  }

  private interface Merge {
    float of(float old, float given);
  }

  private static void write(NDArray to, float[] values, Merge merge) {
    if (values.length != to.getShape().size()) {
      throw new IllegalArgumentException(values.length + " values for " + to.getShape());
    }
    TensorMemory.forEachSlice(
        to,
        (first, elements) -> {
          for (int i = 0; i < elements.limit(); i++) {
            elements.put(i, merge.of(elements.get(i), values[(int) first + i]));
          }
        });
  }

  private static float[] copy(NDArray from) {
    float[] values = new float[Math.toIntExact(from.getShape().size())];
    TensorMemory.read(from, 0, FloatBuffer.wrap(values));
    return values;
  }

  /** Overwrites the values, row-major. */
  void set(FloatBuffer values) {
    TensorMemory.forEachSlice(
        array, (first, elements) -> elements.put(0, values, (int) first, elements.limit()));
  }

  /** Frees the gradient sum; the next use begins with zeros. */
  synchronized void releaseGradient() {
    if (gradient != null) {
      gradient.close();
      gradient = null;
    }
  }

  synchronized boolean holdsGradient() {
    return gradient != null;
  }

  NDArray array() {
    return array;
  }

  /** The gradient sum that backward passes add to and the optimiser empties. */
  synchronized NDArray gradient() {
    if (gradient == null) {
      gradient = array.getManager().zeros(array.getShape(), DataType.FLOAT32);
    }
    return gradient;
  }
}
