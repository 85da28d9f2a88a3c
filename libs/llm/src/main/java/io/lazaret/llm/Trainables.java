package io.lazaret.llm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.lazaret.llm.script.ScriptModule.Mode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** What of a decoder is trained: chosen weights, and the adapters beside them. */
final class Trainables {

  private final Decoder decoder;
  private List<Parameter> weights = List.of();
  private Lora lora;

  Trainables(Decoder decoder) {
    this.decoder = decoder;
  }

  /** The trained parameters; the others take part in no gradient. */
  List<Parameter> parameters() {
    List<Parameter> adapters = lora == null ? List.of() : lora.parameters();
    return Stream.concat(weights.stream(), adapters.stream()).toList();
  }

  /** Trains the weights with these names and no others. */
  void requireWeights(Predicate<String> names) {
    weights = decoder.parameters().stream().filter(p -> names.test(p.name())).toList();
    bind();
    for (Parameter parameter : decoder.parameters()) {
      boolean trained = names.test(parameter.name());
      parameter.array().setRequiresGradient(trained);
      if (!trained) {
        parameter.releaseGradient();
      }
    }
  }

  void attach(Lora adapters) {
    if (lora != null) {
      throw new IllegalStateException("the model has adapters already");
    }
    try (NDManager scope = decoder.scope()) {
      Map<String, List<NDArray>> lists = new LinkedHashMap<>();
      lists.put("la", adapters.slots(scope, Lora.Adapter::a));
      lists.put("lb", adapters.slots(scope, Lora.Adapter::b));
      lists.put("ls", adapters.slots(scope, Lora.Adapter::scale));
      call("bind_adapters", lists);
    }
    lora = adapters;
    bind();
  }

  void detach(Lora adapters) {
    if (lora == adapters) {
      lora = null;
      call("release_adapters", Map.of());
      bind();
    }
  }

  boolean has(Lora adapters) {
    return lora == adapters;
  }

  private void bind() {
    List<Parameter> trained = parameters();
    if (trained.isEmpty()) {
      call("release_trained", Map.of());
      return;
    }
    Map<String, List<NDArray>> lists = new LinkedHashMap<>();
    lists.put("t", trained.stream().map(Parameter::array).toList());
    lists.put("g", trained.stream().map(Parameter::gradient).toList());
    call("bind_trained", lists);
  }

  private void call(String method, Map<String, List<NDArray>> lists) {
    try (NDManager scope = decoder.scope()) {
      decoder.call(method, Mode.UPDATE, List.of(scope.create(0f)), lists);
    }
  }
}
