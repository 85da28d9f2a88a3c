package io.lazaret.llm.decoder;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.lazaret.llm.script.ScriptModule.Mode;
import io.lazaret.llm.tensor.NativeParameter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** What of a decoder is trained: chosen weights, and the adapters beside them. */
public final class Trainables {

  /** Trained factors beside the weights. */
  public interface Adapters {

    /** What is trained of them. */
    List<NativeParameter> parameters();

    /** Lists "la", "lb", "ls": for every weight of the decoder A, B and scale, or empty arrays. */
    Map<String, List<NDArray>> slots(NDManager owner);
  }

  private final Decoder decoder;
  private List<NativeParameter> weights = List.of();
  private Adapters adapters;

  Trainables(Decoder decoder) {
    this.decoder = decoder;
  }

  /** The trained parameters; the others take part in no gradient. */
  public List<NativeParameter> parameters() {
    List<NativeParameter> beside = adapters == null ? List.of() : adapters.parameters();
    return Stream.concat(weights.stream(), beside.stream()).toList();
  }

  /** Trains the weights with these names and no others. */
  public void requireWeights(Predicate<String> names) {
    weights = decoder.parameters().stream().filter(p -> names.test(p.name())).toList();
    bind();
    for (NativeParameter parameter : decoder.parameters()) {
      boolean trained = names.test(parameter.name());
      parameter.array().setRequiresGradient(trained);
      if (!trained) {
        parameter.releaseGradient();
      }
    }
  }

  /** Lets adapters take part in every pass, and trains them. */
  public void attach(Adapters other) {
    if (adapters != null) {
      throw new IllegalStateException("the model has adapters already");
    }
    try (NDManager scope = decoder.scope()) {
      call("bind_adapters", other.slots(scope));
    }
    adapters = other;
    bind();
  }

  /** Takes adapters out, if they are the attached ones. */
  public void detach(Adapters other) {
    if (adapters == other) {
      adapters = null;
      call("release_adapters", Map.of());
      bind();
    }
  }

  /** Whether these adapters are attached. */
  public boolean has(Adapters other) {
    return adapters == other;
  }

  private void bind() {
    List<NativeParameter> trained = parameters();
    if (trained.isEmpty()) {
      call("release_trained", Map.of());
      return;
    }
    Map<String, List<NDArray>> lists = new LinkedHashMap<>();
    lists.put("t", trained.stream().map(NativeParameter::array).toList());
    lists.put("g", trained.stream().map(NativeParameter::gradient).toList());
    call("bind_trained", lists);
  }

  private void call(String method, Map<String, List<NDArray>> lists) {
    try (NDManager scope = decoder.scope()) {
      decoder.call(method, Mode.UPDATE, List.of(scope.create(0f)), lists);
    }
  }
}
