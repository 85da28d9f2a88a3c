package io.lazaret.llm.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
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
    if (gradient == null) {
      return new float[Math.toIntExact(size())];
    }
    // A new handle: one caches the shape that it saw first.
    try (NDArray now = gradient.stopGradient()) {
      return now.isEmpty() ? new float[Math.toIntExact(size())] : copy(now);
    }
  }

  @Override
  public void set(float[] values) {
    if (values.length != size()) {
      throw new IllegalArgumentException(values.length + " values for " + array.getShape());
    }
    set(FloatBuffer.wrap(values));
  }

  @Override
  public void addGradient(float[] values) {
    GradientSums.add(gradient(), values, array.getShape());
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
      gradient = array.getManager().create(new Shape(0), DataType.FLOAT32);
    }
    return gradient;
  }
}
