package io.lazaret.llm.files.config;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lazaret.llm.ModelConfig;
import io.lazaret.llm.arch.Activation;
import io.lazaret.llm.arch.RopeScaling;
import java.util.List;
import java.util.Map;

/** Writes the config.json of a model that was not read from one, in the keys of transformers 4. */
final class NewConfig {

  private static final Map<String, String> MODEL_TYPES =
      Map.of(
          ModelConfig.LLAMA, "llama",
          ModelConfig.MISTRAL, "mistral",
          ModelConfig.QWEN2, "qwen2",
          ModelConfig.QWEN3, "qwen3",
          ModelConfig.GEMMA, "gemma",
          ModelConfig.GEMMA2, "gemma2",
          ModelConfig.PHI3, "phi3",
          ModelConfig.GPT2, "gpt2",
          ModelConfig.GPT_NEOX, "gpt_neox");

  private final ModelConfig config;
  private final ObjectNode json = JsonNodeFactory.instance.objectNode();

  private NewConfig(ModelConfig config) {
    this.config = config;
  }

  /** The keys; whether they say all that the configuration says is the caller's to check. */
  static ObjectNode keys(ModelConfig config) {
    return new NewConfig(config).keys();
  }

  private ObjectNode keys() {
    json.putArray("architectures").add(config.architecture());
    json.put("model_type", MODEL_TYPES.get(config.architecture()));
    json.put("vocab_size", config.vocabSize());
    switch (config.architecture()) {
      case ModelConfig.GPT2 -> gpt2();
      case ModelConfig.GPT_NEOX -> neox();
      default -> gated();
    }
    json.put("tie_word_embeddings", config.tiedHead());
    id("bos_token_id", config.bosId() < 0 ? List.of() : List.of(config.bosId()));
    id("eos_token_id", config.eosIds());
    return json;
  }

  /** Null where there is none, as a key that is missing has a default in transformers. */
  private void id(String key, List<Integer> ids) {
    switch (ids.size()) {
      case 0 -> json.putNull(key);
      case 1 -> json.put(key, ids.get(0));
      default -> ids.forEach(json.putArray(key)::add);
    }
  }

  private boolean is(String... architectures) {
    return List.of(architectures).contains(config.architecture());
  }

  private void gated() {
    json.put("hidden_size", config.hiddenSize());
    json.put("num_hidden_layers", config.layers());
    json.put("num_attention_heads", config.heads());
    json.put("num_key_value_heads", config.kvHeads());
    json.put("head_dim", config.headDim());
    json.put("intermediate_size", config.intermediateSize());
    json.put("max_position_embeddings", config.contextLength());
    json.put("rope_theta", config.rope().theta());
    json.put("rms_norm_eps", config.norm().eps());
    if (!is(ModelConfig.GEMMA2)) {
      json.put("hidden_act", config.feedForward().activation().configName());
    }
    if (config.attention().outputBias()) {
      json.put("attention_bias", true);
    }
    if (config.feedForward().bias()) {
      json.put("mlp_bias", true);
    }
    if (is(ModelConfig.PHI3) && config.rope().width() != config.headDim()) {
      json.put("partial_rotary_factor", rotated());
    }
    if (is(ModelConfig.GEMMA, ModelConfig.GEMMA2)) {
      json.put("hidden_activation", config.feedForward().activation().configName());
    }
    if (is(ModelConfig.GEMMA2)) {
      json.put("query_pre_attn_scalar", queryScalar());
      cap("attn_logit_softcapping", config.attention().softCap());
      cap("final_logit_softcapping", config.logitCap());
    }
    if (is(ModelConfig.PHI3, ModelConfig.GEMMA, ModelConfig.GEMMA2)) {
      // The default of transformers may lie outside a small vocabulary.
      json.putNull("pad_token_id");
    }
    windows();
    scaling();
  }

  private void cap(String key, double cap) {
    if (cap == 0) {
      json.putNull(key);
    } else {
      json.put(key, cap);
    }
  }

  /**
   * q of a scale of 1 / sqrt(q): the whole number that gives the scale exactly, if there is one.
   */
  private double queryScalar() {
    double scale = config.attention().scale();
    double scalar = 1 / (scale * scale);
    return 1 / Math.sqrt(Math.rint(scalar)) == scale ? Math.rint(scalar) : scalar;
  }

  private void windows() {
    int window = config.attention().window();
    if (is(ModelConfig.QWEN2, ModelConfig.QWEN3)) {
      if (window > 0) {
        json.put("use_sliding_window", true);
        json.put("sliding_window", window);
        json.put("max_window_layers", config.attention().windows().indexOf(window));
      }
    } else if (is(ModelConfig.MISTRAL, ModelConfig.GEMMA2, ModelConfig.PHI3)) {
      if (window > 0) {
        json.put("sliding_window", window);
      } else {
        json.putNull("sliding_window");
      }
    }
  }

  private void scaling() {
    RopeScaling scaling = config.rope().scaling();
    if (scaling instanceof RopeScaling.Linear linear) {
      scaling("linear", linear.factor());
    } else if (scaling instanceof RopeScaling.Llama3 llama) {
      scaling("llama3", llama.factor())
          .put("low_freq_factor", llama.low())
          .put("high_freq_factor", llama.high())
          .put("original_max_position_embeddings", llama.original());
    } else if (scaling instanceof RopeScaling.Yarn yarn) {
      ObjectNode keys =
          scaling("yarn", yarn.factor())
              .put("beta_fast", yarn.fast())
              .put("beta_slow", yarn.slow())
              .put("truncate", yarn.truncate())
              .put("attention_factor", yarn.magnitude());
      if (yarn.original() != config.contextLength()) {
        keys.put("original_max_position_embeddings", yarn.original());
      }
    }
  }

  private ObjectNode scaling(String type, double factor) {
    return json.putObject("rope_scaling").put("rope_type", type).put("factor", factor);
  }

  private void gpt2() {
    json.put("n_embd", config.hiddenSize());
    json.put("n_layer", config.layers());
    json.put("n_head", config.heads());
    json.put("n_inner", config.intermediateSize());
    json.put("n_positions", config.contextLength());
    json.put("layer_norm_epsilon", config.norm().eps());
    Activation activation = config.feedForward().activation();
    // One function with two names; this is GPT-2's own.
    json.put(
        "activation_function",
        activation == Activation.GELU_TANH ? "gelu_new" : activation.configName());
  }

  private void neox() {
    json.put("hidden_size", config.hiddenSize());
    json.put("num_hidden_layers", config.layers());
    json.put("num_attention_heads", config.heads());
    json.put("intermediate_size", config.intermediateSize());
    json.put("max_position_embeddings", config.contextLength());
    json.put("rotary_emb_base", config.rope().theta());
    json.put("rotary_pct", rotated());
    json.put("layer_norm_eps", config.norm().eps());
    json.put("hidden_act", config.feedForward().activation().configName());
    json.put("attention_bias", config.attention().qkvBias());
    json.put("use_parallel_residual", config.feedForward().parallel());
    scaling();
  }

  /** Share of a head that is rotated. */
  private double rotated() {
    return (double) config.rope().width() / config.headDim();
  }
}
