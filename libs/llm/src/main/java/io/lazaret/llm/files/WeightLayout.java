package io.lazaret.llm.files;

import io.lazaret.llm.ModelConfig;
import java.util.ArrayList;
import java.util.List;

/** Names and shapes of the weights that a configuration calls for, in the order of the engine. */
public final class WeightLayout {

  /** A weight: its name in the file and its shape. */
  public record Weight(String name, long[] shape) {

    /** Number of elements. */
    public long size() {
      long product = 1;
      for (long extent : shape) {
        product = Math.multiplyExact(product, extent);
      }
      return product;
    }
  }

  private static final String EMBEDDING = "model.embed_tokens.weight";

  private final List<Weight> weights = new ArrayList<>();

  private WeightLayout() {}

  /** Embedding, final norm, the layers in order, and the head where it is not tied. */
  public static List<Weight> of(ModelConfig config) {
    WeightLayout layout = new WeightLayout();
    layout.add(EMBEDDING, config.vocabSize(), config.hiddenSize());
    layout.add("model.norm.weight", config.hiddenSize());
    for (int layer = 0; layer < config.layers(); layer++) {
      layout.addLayer("model.layers." + layer + ".", config);
    }
    if (!config.tiedHead()) {
      layout.add("lm_head.weight", config.vocabSize(), config.hiddenSize());
    }
    return List.copyOf(layout.weights);
  }

  private void addLayer(String prefix, ModelConfig config) {
    long hidden = config.hiddenSize();
    long inner = config.intermediateSize();
    long queries = (long) config.heads() * config.headDim();
    long keys = (long) config.kvHeads() * config.headDim();
    add(prefix + "input_layernorm.weight", hidden);
    add(prefix + "self_attn.q_proj.weight", queries, hidden);
    add(prefix + "self_attn.k_proj.weight", keys, hidden);
    add(prefix + "self_attn.v_proj.weight", keys, hidden);
    add(prefix + "self_attn.o_proj.weight", hidden, queries);
    add(prefix + "post_attention_layernorm.weight", hidden);
    add(prefix + "mlp.gate_proj.weight", inner, hidden);
    add(prefix + "mlp.up_proj.weight", inner, hidden);
    add(prefix + "mlp.down_proj.weight", hidden, inner);
    if (config.qkvBias()) {
      add(prefix + "self_attn.q_proj.bias", queries);
      add(prefix + "self_attn.k_proj.bias", keys);
      add(prefix + "self_attn.v_proj.bias", keys);
    }
  }

  private void add(String name, long... shape) {
    weights.add(new Weight(name, shape));
  }
}
