package io.lazaret.llm.files;

import io.lazaret.llm.ModelConfig;

/** What the tensors of each architecture are called in its files. */
final class WeightNames {

  private WeightNames() {}

  /** Name of a tensor; {@code layer} counts for the roles of layers. */
  static String of(ModelConfig config, Role role, int layer) {
    String name =
        switch (config.architecture()) {
          case ModelConfig.GPT2 -> gpt2(role, layer);
          case ModelConfig.GPT_NEOX -> neox(role, layer);
          case ModelConfig.GEMMA2 -> gemma2(role, layer);
          default -> llama(role, layer);
        };
    String kind = role.bias() ? ".bias" : ".weight";
    return (role == Role.HEAD ? "" : config.prefix()) + name + kind;
  }

  /** Whether a tensor is a constant that some files carry along: a mask or rotary frequencies. */
  static boolean constant(ModelConfig config, String name) {
    String layer =
        switch (config.architecture()) {
          case ModelConfig.GPT2 -> "h\\.\\d+\\.attn\\.(masked_)?bias";
          case ModelConfig.GPT_NEOX -> "layers\\.\\d+\\.attention\\.(masked_)?bias";
          default -> "";
        };
    return name.endsWith("rotary_emb.inv_freq")
        || !layer.isEmpty()
            && name.startsWith(config.prefix())
            && name.substring(config.prefix().length()).matches(layer);
  }

  private static String llama(Role role, int layer) {
    String at = "layers." + layer + ".";
    return switch (role) {
      case EMBEDDING -> "embed_tokens";
      case FINAL_NORM -> "norm";
      case HEAD -> "lm_head";
      case ATTENTION_NORM -> at + "input_layernorm";
      case QUERY, QUERY_BIAS -> at + "self_attn.q_proj";
      case KEY, KEY_BIAS -> at + "self_attn.k_proj";
      case VALUE, VALUE_BIAS -> at + "self_attn.v_proj";
      case QKV, QKV_BIAS -> at + "self_attn.qkv_proj";
      case QUERY_NORM -> at + "self_attn.q_norm";
      case KEY_NORM -> at + "self_attn.k_norm";
      case OUTPUT, OUTPUT_BIAS -> at + "self_attn.o_proj";
      case FEED_NORM -> at + "post_attention_layernorm";
      case GATE, GATE_BIAS -> at + "mlp.gate_proj";
      case UP, UP_BIAS -> at + "mlp.up_proj";
      case GATE_UP -> at + "mlp.gate_up_proj";
      case DOWN, DOWN_BIAS -> at + "mlp.down_proj";
      default -> throw none(role);
    };
  }

  private static String gemma2(Role role, int layer) {
    String at = "layers." + layer + ".";
    return switch (role) {
      case AFTER_ATTENTION_NORM -> at + "post_attention_layernorm";
      case FEED_NORM -> at + "pre_feedforward_layernorm";
      case AFTER_FEED_NORM -> at + "post_feedforward_layernorm";
      default -> llama(role, layer);
    };
  }

  private static String gpt2(Role role, int layer) {
    String at = "h." + layer + ".";
    return switch (role) {
      case EMBEDDING -> "wte";
      case POSITIONS -> "wpe";
      case FINAL_NORM, FINAL_NORM_BIAS -> "ln_f";
      case HEAD -> "lm_head";
      case ATTENTION_NORM, ATTENTION_NORM_BIAS -> at + "ln_1";
      case QKV, QKV_BIAS -> at + "attn.c_attn";
      case OUTPUT, OUTPUT_BIAS -> at + "attn.c_proj";
      case FEED_NORM, FEED_NORM_BIAS -> at + "ln_2";
      case UP, UP_BIAS -> at + "mlp.c_fc";
      case DOWN, DOWN_BIAS -> at + "mlp.c_proj";
      default -> throw none(role);
    };
  }

  private static String neox(Role role, int layer) {
    String at = "layers." + layer + ".";
    return switch (role) {
      case EMBEDDING -> "embed_in";
      case FINAL_NORM, FINAL_NORM_BIAS -> "final_layer_norm";
      case HEAD -> "embed_out";
      case ATTENTION_NORM, ATTENTION_NORM_BIAS -> at + "input_layernorm";
      case QKV, QKV_BIAS -> at + "attention.query_key_value";
      case OUTPUT, OUTPUT_BIAS -> at + "attention.dense";
      case FEED_NORM, FEED_NORM_BIAS -> at + "post_attention_layernorm";
      case UP, UP_BIAS -> at + "mlp.dense_h_to_4h";
      case DOWN, DOWN_BIAS -> at + "mlp.dense_4h_to_h";
      default -> throw none(role);
    };
  }

  private static IllegalArgumentException none(Role role) {
    return new IllegalArgumentException("the architecture has no " + role);
  }
}
