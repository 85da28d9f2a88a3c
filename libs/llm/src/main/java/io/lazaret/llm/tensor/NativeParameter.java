package io.lazaret.llm.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import io.lazaret.llm.Parameter;
import java.nio.FloatBuffer;

/** A parameter as an array of the tensor library, with the sum of its gradients. */
public final class NativeParameter implements Parameter {

  private final String name;
  private final NDArray array;
  private NDArray gradient;

  /** The parameter {@code name}, stored in {@code array}. */
  public NativeParameter(String name, NDArray array) {
    this.name = name;
    this.array = array;
  }

  /** The array behind a parameter: there is no other kind. */
  public static NativeParameter of(Parameter parameter) {
    return (NativeParameter) parameter;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public long[] shape() {
    return array.getShape().getShape();
  }

  @Override
  public long size() {
    return array.getShape().size();
  }

  @Override
  public float[] values() {
    return copy(array);
  }

  @Override
  public float[] gradients() {
    return gradient == null ? new float[Math.toIntExact(size())] : copy(gradient);
  }

  @Override
  public void set(float[] values) {
    write(array, values, (old, x) -> x);
  }

  @Override
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
  public void set(FloatBuffer values) {
    TensorMemory.forEachSlice(
        array, (first, elements) -> elements.put(0, values, (int) first, elements.limit()));
  }

  /** Frees the gradient sum; the next use begins with zeros. */
  public synchronized void releaseGradient() {
    if (gradient != null) {
      gradient.close();
      gradient = null;
    }
  }

  /** Whether there is a gradient sum. */
  public synchronized boolean holdsGradient() {
    return gradient != null;
  }

  /** The values. */
  public NDArray array() {
    return array;
  }

  /** The gradient sum that backward passes add to and the optimiser empties. */
  public synchronized NDArray gradient() {
    if (gradient == null) {
      gradient = array.getManager().zeros(array.getShape(), DataType.FLOAT32);
    }
    return gradient;
  }
}
