package io.lazaret.llm.adapter;

import io.lazaret.llm.ModelConfig;
import io.lazaret.llm.files.Role;
import io.lazaret.llm.files.WeightLayout;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A weight of a linear layer, which an adapter can change.
 *
 * @param stored the weight's name in the base's file
 * @param out width of the layer's output
 * @param in width of the layer's input
 * @param transposed whether the weight is stored as [in, out] (GPT-2), not as [out, in]
 */
public record BaseMatrix(String stored, int out, int in, boolean transposed) {

  static final String WEIGHT = ".weight";

  /**
   * The matrices of a model in the order of its weights, by their names in a whole model, e.g.
   * {@code transformer.h.0.attn.c_attn.weight}: adapters are made for whole models, also where the
   * base's file holds a bare decoder. Embeddings are looked up, a factor beside them would do
   * nothing; so would one beside the head of a tied model.
   */
  public static Map<String, BaseMatrix> of(ModelConfig config) {
    ModelConfig whole = config.withPrefix(ModelConfig.usualPrefix(config.architecture()));
    Iterator<WeightLayout.Weight> names = WeightLayout.of(whole).iterator();
    Map<String, BaseMatrix> matrices = new LinkedHashMap<>();
    for (WeightLayout.Weight weight : WeightLayout.of(config)) {
      String name = names.next().name();
      boolean lookedUp = weight.role() == Role.EMBEDDING || weight.role() == Role.POSITIONS;
      if (weight.shape().length == 2 && name.endsWith(WEIGHT) && !lookedUp) {
        boolean transposed = config.transposed() && weight.role() != Role.HEAD;
        int first = Math.toIntExact(weight.shape()[0]);
        int second = Math.toIntExact(weight.shape()[1]);
        matrices.put(
            name,
            new BaseMatrix(
                weight.name(),
                transposed ? second : first,
                transposed ? first : second,
                transposed));
      }
    }
    return matrices;
  }

  List<Long> shape() {
    return List.of((long) out, (long) in);
  }
}
