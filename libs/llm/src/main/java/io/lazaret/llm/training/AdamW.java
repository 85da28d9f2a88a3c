package io.lazaret.llm.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.lazaret.llm.Parameter;
import io.lazaret.llm.script.AdamWSource;
import io.lazaret.llm.script.ScriptModule;
import io.lazaret.llm.script.ScriptModule.Mode;
import io.lazaret.llm.tensor.NativeParameter;
import io.lazaret.llm.tensor.NativeRuntime;
import io.lazaret.problem.ProblemException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * AdamW with decoupled weight decay (Loshchilov and Hutter, "Decoupled Weight Decay
 * Regularization", algorithm 2) after clipping the gradient by its global norm.
 *
 * <p>Not thread-safe; close it before the model whose parameters it changes.
 */
public final class AdamW implements AutoCloseable {

  /**
   * Constants of the method.
   *
   * @param beta1 decay of the first moment
   * @param beta2 decay of the second moment
   * @param eps added to the root of the second moment
   * @param weightDecay decoupled decay, applied to every parameter
   * @param clipNorm largest global gradient norm; 0 or less does not clip
   */
  public record Settings(
      double beta1, double beta2, double eps, double weightDecay, double clipNorm) {

    /** 0.9, 0.95, 1e-8, no decay, clip at 1. */
    public static Settings sande() {
      return new Settings(0.9, 0.95, 1e-8, 0, 1.0);
    }
  }

  private final Settings settings;
  private final List<NativeParameter> parameters;
  private final Map<String, List<NDArray>> lists = new LinkedHashMap<>();
  private final NDManager manager;
  private final ScriptModule script;

  /**
   * An optimiser with fresh moments.
   *
   * @param parameters what it changes; their gradients are emptied by every step
   */
  public AdamW(List<Parameter> parameters, Settings settings) {
    if (parameters.isEmpty()) {
      throw new IllegalArgumentException("there are no parameters to optimise");
    }
    this.settings = settings;
    this.parameters = parameters.stream().map(NativeParameter::of).toList();
    this.manager = NativeRuntime.newManager();
    this.script =
        ScriptModule.load(manager, AdamWSource.CLASS, AdamWSource.TEXT, AdamWSource.LISTS);
    lists.put("p", this.parameters.stream().map(NativeParameter::array).toList());
    lists.put("g", gradients());
    lists.put("m", zeros(parameters, p -> new Shape(p.shape())));
    lists.put("v", zeros(parameters, p -> new Shape(p.shape())));
    lists.put("s", zeros(parameters, p -> new Shape()));
    bind();
  }

  private List<NDArray> gradients() {
    return parameters.stream().map(NativeParameter::gradient).toList();
  }

  private void bind() {
    try (NDManager scope = manager.newSubManager()) {
      script.call("bind", Mode.UPDATE, List.of(scope.create(0f)), lists);
    }
  }

  /** Parameters, moments and step counts by name: all that steps read and change. */
  Map<String, NDArray> state() {
    Map<String, NDArray> state = new LinkedHashMap<>();
    for (int i = 0; i < parameters.size(); i++) {
      String name = parameters.get(i).name();
      if (state.containsKey("parameter." + name)) {
        // Soft prompts that are trained together are all called alike.
        name += "." + i;
      }
      state.put("parameter." + name, lists.get("p").get(i));
      state.put("first-moment." + name, lists.get("m").get(i));
      state.put("second-moment." + name, lists.get("v").get(i));
      state.put("steps." + name, lists.get("s").get(i));
    }
    if (state.size() != 4 * parameters.size()) {
      throw new IllegalStateException("two of the optimiser's parameters have one name");
    }
    return state;
  }

  /** A parameter that was not trained for a while has a new gradient sum since. */
  private void rebind() {
    List<NDArray> bound = lists.get("g");
    List<NDArray> gradients = gradients();
    // By identity: equality of arrays would compare their elements.
    if (IntStream.range(0, bound.size()).anyMatch(i -> bound.get(i) != gradients.get(i))) {
      lists.put("g", gradients);
      bind();
    }
  }

  private List<NDArray> zeros(List<Parameter> parameters, Function<Parameter, Shape> shape) {
    return parameters.stream().map(p -> manager.zeros(shape.apply(p), DataType.FLOAT32)).toList();
  }

  /**
   * Clips the accumulated gradients by their global norm, updates the parameters and empties the
   * gradients.
   *
   * @return the global norm before the clip
   * @throws ProblemException {@code TRAINING_DIVERGED} when a gradient is not finite; the
   *     parameters and moments are then unchanged
   */
  public double step(double learningRate) {
    rebind();
    double norm;
    try (NDManager scope = manager.newSubManager()) {
      NDArray constants =
          scope.create(
              new double[] {
                learningRate,
                settings.beta1(),
                settings.beta2(),
                settings.eps(),
                settings.weightDecay(),
                settings.clipNorm()
              });
      norm = script.call("step", Mode.UPDATE, constants).get(0).getFloat();
    }
    if (!Double.isFinite(norm)) {
      throw TrainingProblems.diverged(
          "The gradient's norm is " + norm + "; the step was not taken.");
    }
    return norm;
  }

  @Override
  public void close() {
    script.close();
    manager.close();
  }
}
