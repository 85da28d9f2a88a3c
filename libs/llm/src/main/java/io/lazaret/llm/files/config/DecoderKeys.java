package io.lazaret.llm.files.config;

import io.lazaret.llm.ModelConfig;
import io.lazaret.llm.arch.Activation;
import io.lazaret.llm.arch.Attention;
import io.lazaret.llm.arch.FeedForward;
import io.lazaret.llm.arch.Norm;
import io.lazaret.llm.arch.Rope;
import java.util.List;

/** Turns the keys of one architecture's config.json into a configuration. */
final class DecoderKeys {

  private static final int MAX_VOCAB = 1 << 20;
  private static final int MAX_HIDDEN = 1 << 15;
  private static final int MAX_LAYERS = 512;
  private static final int MAX_HEADS = 1_024;
  private static final int MAX_HEAD_DIM = 1_024;
  private static final int MAX_INTERMEDIATE = 1 << 18;
  private static final int MAX_CONTEXT = 1 << 24;

  private final String architecture;
  private final ConfigKeys keys;

  DecoderKeys(String architecture, ConfigKeys keys) {
    this.architecture = architecture;
    this.keys = keys;
  }

  ModelConfig config() {
    // What would change the numbers and belongs to none of the architectures.
    keys.requireOff(
        "quantization_config",
        "use_bidirectional_attention",
        "add_cross_attention",
        "is_encoder_decoder",
        "num_experts",
        "num_local_experts");
    return switch (architecture) {
      case ModelConfig.GPT2 -> gpt2();
      case ModelConfig.GPT_NEOX -> neox();
      default -> gated();
    };
  }

  private boolean is(String... architectures) {
    return List.of(architectures).contains(architecture);
  }

  // ---- Llama and its relatives

  private ModelConfig gated() {
    boolean gemma = is(ModelConfig.GEMMA, ModelConfig.GEMMA2);
    refuseForeign();
    int hidden = keys.size("hidden_size", MAX_HIDDEN, null);
    int layers = keys.size("num_hidden_layers", MAX_LAYERS, null);
    int heads = keys.size("num_attention_heads", MAX_HEADS, null);
    int kvHeads = keys.size("num_key_value_heads", MAX_HEADS, kvHeads(heads));
    int headDim = keys.size("head_dim", MAX_HEAD_DIM, headDim(hidden, heads));
    if (heads % kvHeads != 0) {
      throw ConfigKeys.invalid(
          "num_key_value_heads", kvHeads + " does not divide num_attention_heads " + heads);
    }
    int context = keys.size("max_position_embeddings", MAX_CONTEXT, context());
    RopeKeys rope = new RopeKeys(architecture, keys, context);
    double eps = keys.positive("rms_norm_eps", is(ModelConfig.PHI3) ? 1e-5 : 1e-6);
    Norm.Kind kind = gemma ? Norm.Kind.RMS_PLUS_ONE : Norm.Kind.RMS;
    return common(
        hidden,
        layers,
        heads,
        kvHeads,
        headDim,
        keys.size("intermediate_size", MAX_INTERMEDIATE, null),
        rope.context(),
        rope.rope(headDim),
        new Norm(kind, eps, is(ModelConfig.GEMMA2)),
        attention(headDim, layers),
        feedForward(),
        // The reference implementation rounds the factor to the precision of the weights.
        gemma ? (float) Math.sqrt(hidden) : 1,
        cap("final_logit_softcapping", 30),
        keys.flag("tie_word_embeddings", gemma));
  }

  /** Features of one architecture in the file of another. */
  private void refuseForeign() {
    if (!is(ModelConfig.LLAMA)) {
      keys.requireOff("mlp_bias");
    }
    if (is(ModelConfig.MISTRAL, ModelConfig.QWEN2, ModelConfig.PHI3)) {
      keys.requireOff("attention_bias");
    }
    if (!is(ModelConfig.GEMMA2)) {
      keys.requireOff("attn_logit_softcapping", "final_logit_softcapping");
    }
    if (is(ModelConfig.LLAMA, ModelConfig.GEMMA)) {
      keys.requireOff("use_sliding_window", "sliding_window");
    }
    keys.requireOff("scale_attn_by_inverse_layer_idx", "qk_layernorm", "use_qk_norm");
  }

  private int kvHeads(int heads) {
    return switch (architecture) {
      case ModelConfig.MISTRAL -> keys.get("num_key_value_heads").isNull() ? heads : 8;
      case ModelConfig.GEMMA2 -> 4;
      case ModelConfig.GEMMA -> 16;
      default -> heads;
    };
  }

  private int headDim(int hidden, int heads) {
    return switch (architecture) {
      case ModelConfig.QWEN3 -> 128;
      case ModelConfig.GEMMA, ModelConfig.GEMMA2 -> 256;
      default -> Math.max(1, hidden / heads);
    };
  }

  private int context() {
    return switch (architecture) {
      case ModelConfig.LLAMA -> 2_048;
      case ModelConfig.PHI3 -> 4_096;
      case ModelConfig.MISTRAL -> 131_072;
      case ModelConfig.GEMMA, ModelConfig.GEMMA2 -> 8_192;
      default -> 32_768;
    };
  }

  private Attention attention(int headDim, int layers) {
    boolean bias = keys.flag("attention_bias", false);
    double scale = 1 / Math.sqrt(headDim);
    if (is(ModelConfig.GEMMA2)) {
      scale = 1 / Math.sqrt(keys.positive("query_pre_attn_scalar", 256));
    }
    return new Attention(
        is(ModelConfig.PHI3) ? Attention.Layout.STACKED : Attention.Layout.SEPARATE,
        bias || is(ModelConfig.QWEN2),
        bias,
        is(ModelConfig.QWEN3),
        scale,
        cap("attn_logit_softcapping", 50),
        new WindowKeys(architecture, keys).windows(layers));
  }

  private FeedForward feedForward() {
    boolean gemma = is(ModelConfig.GEMMA, ModelConfig.GEMMA2);
    String key = gemma && keys.has("hidden_activation") ? "hidden_activation" : "hidden_act";
    return new FeedForward(
        activation(key, gemma ? "gelu_pytorch_tanh" : "silu"),
        is(ModelConfig.PHI3) ? FeedForward.Gate.STACKED : FeedForward.Gate.SEPARATE,
        keys.flag("mlp_bias", false),
        false);
  }

  /** A soft cap of Gemma 2; null switches it off. */
  private double cap(String key, double fallback) {
    if (!is(ModelConfig.GEMMA2) || keys.get(key).isNull()) {
      return 0;
    }
    return keys.positive(key, fallback);
  }

  private Activation activation(String key, String fallback) {
    return Activation.of(keys.text(key, fallback))
        .orElseThrow(
            () ->
                ConfigKeys.unsupported(
                    key, keys.get(key).toString(), String.join(", ", Activation.supported())));
  }

  // ---- GPT-2 and GPT-NeoX

  private ModelConfig gpt2() {
    keys.requireOff("scale_attn_by_inverse_layer_idx");
    keys.require(keys.flag("scale_attn_weights", true), "scale_attn_weights", "true");
    int hidden = keys.size(either("n_embd", "hidden_size"), MAX_HIDDEN, null);
    int layers = keys.size(either("n_layer", "num_hidden_layers"), MAX_LAYERS, null);
    int heads = keys.size(either("n_head", "num_attention_heads"), MAX_HEADS, null);
    int headDim = dividedHead(hidden, heads);
    return common(
        hidden,
        layers,
        heads,
        heads,
        headDim,
        keys.size("n_inner", MAX_INTERMEDIATE, 4 * hidden),
        keys.size(either("n_positions", "max_position_embeddings"), MAX_CONTEXT, 1_024),
        Rope.NONE,
        new Norm(Norm.Kind.LAYER, keys.positive("layer_norm_epsilon", 1e-5), false),
        plain(Attention.Layout.STACKED, true, headDim, layers),
        new FeedForward(
            activation("activation_function", "gelu_new"), FeedForward.Gate.NONE, true, false),
        1,
        0,
        keys.flag("tie_word_embeddings", true));
  }

  private ModelConfig neox() {
    int hidden = keys.size("hidden_size", MAX_HIDDEN, null);
    int layers = keys.size("num_hidden_layers", MAX_LAYERS, null);
    int heads = keys.size("num_attention_heads", MAX_HEADS, null);
    int headDim = dividedHead(hidden, heads);
    int context = keys.size("max_position_embeddings", MAX_CONTEXT, 2_048);
    RopeKeys rope = new RopeKeys(architecture, keys, context);
    if (!keys.has("rotary_pct") && !keys.has("rope_parameters")) {
      throw ConfigKeys.invalid("rotary_pct", "it is missing");
    }
    boolean parallel = keys.flag("use_parallel_residual", true);
    return common(
        hidden,
        layers,
        heads,
        heads,
        headDim,
        keys.size("intermediate_size", MAX_INTERMEDIATE, null),
        rope.context(),
        rope.rope(headDim),
        new Norm(Norm.Kind.LAYER, keys.positive("layer_norm_eps", 1e-5), false),
        plain(Attention.Layout.INTERLEAVED, keys.flag("attention_bias", true), headDim, layers),
        new FeedForward(activation("hidden_act", "gelu"), FeedForward.Gate.NONE, true, parallel),
        1,
        0,
        keys.flag("tie_word_embeddings", false));
  }

  private String either(String key, String alias) {
    return keys.has(key) ? key : keys.has(alias) ? alias : key;
  }

  private static int dividedHead(int hidden, int heads) {
    if (hidden % heads != 0) {
      throw ConfigKeys.invalid(
          "num_attention_heads", heads + " heads do not divide the hidden size " + hidden);
    }
    return hidden / heads;
  }

  private static Attention plain(Attention.Layout layout, boolean bias, int headDim, int layers) {
    return new Attention(
        layout, bias, bias, false, 1 / Math.sqrt(headDim), 0, WindowKeys.none(layers));
  }

  private ModelConfig common(
      int hidden,
      int layers,
      int heads,
      int kvHeads,
      int headDim,
      int intermediate,
      int context,
      Rope rope,
      Norm norm,
      Attention attention,
      FeedForward feedForward,
      double embeddingScale,
      double logitCap,
      boolean tied) {
    int vocab = keys.size("vocab_size", MAX_VOCAB, null);
    List<Integer> eos = keys.ids("eos_token_id", vocab);
    List<Integer> bos = keys.ids("bos_token_id", vocab);
    return new ModelConfig(
        architecture,
        vocab,
        hidden,
        layers,
        heads,
        kvHeads,
        headDim,
        intermediate,
        context,
        rope,
        norm,
        attention,
        feedForward,
        embeddingScale,
        logitCap,
        tied,
        bos.isEmpty() ? -1 : bos.get(0),
        eos.isEmpty() ? -1 : eos.get(0),
        eos,
        ModelConfig.usualPrefix(architecture));
  }
}
