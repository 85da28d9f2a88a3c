package io.lazaret.llm.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.lazaret.llm.script.GradientSource;
import io.lazaret.llm.script.ScriptModule;
import io.lazaret.llm.script.ScriptModule.Mode;

/** Adds to gradient sums from outside of a backward pass. */
final class GradientSums {

  /** As long as the process: small, and the same for all models. */
  private static final ScriptModule SCRIPT =
      ScriptModule.load(
          NativeRuntime.newManager(),
          GradientSource.CLASS,
          GradientSource.TEXT,
          GradientSource.LISTS);

  private GradientSums() {}

  /** Adds {@code values} of a shape to a sum, which may be empty. */
  static void add(NDArray sum, float[] values, Shape shape) {
    if (values.length != shape.size()) {
      throw new IllegalArgumentException(values.length + " values for " + shape);
    }
    try (NDManager scope = sum.getManager().newSubManager()) {
      SCRIPT.call("add", Mode.UPDATE, scope.create(values, shape), sum);
    }
  }
}
