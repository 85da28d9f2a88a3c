package io.lazaret.llm.files.config;

import com.fasterxml.jackson.databind.JsonNode;
import io.lazaret.llm.ModelConfig;
import io.lazaret.llm.arch.Rope;
import io.lazaret.llm.arch.RopeScaling;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads rotary positions: {@code rope_theta} and {@code rope_scaling} of transformers 4, {@code
 * rope_parameters} of transformers 5, {@code rotary_emb_base} and {@code rotary_pct} of GPT-NeoX.
 */
final class RopeKeys {

  private static final String SUPPORTED = "default, linear, dynamic, llama3, yarn, longrope";
  private static final double FACTOR_TOLERANCE = 0.01;

  private final ConfigKeys keys;
  private final String name;
  private final JsonNode scaling;
  private final int context;
  private final boolean phi;
  private final boolean neox;

  /**
   * @param context {@code max_position_embeddings}
   */
  RopeKeys(String architecture, ConfigKeys keys, int context) {
    this.keys = keys;
    this.name = keys.has("rope_parameters") ? "rope_parameters" : "rope_scaling";
    this.scaling = keys.get(name);
    this.context = context;
    this.phi = architecture.equals(ModelConfig.PHI3);
    this.neox = architecture.equals(ModelConfig.GPT_NEOX);
    if (!scaling.isMissingNode() && !scaling.isNull() && !scaling.isObject()) {
      throw ConfigKeys.unsupported(name, scaling.toString(), SUPPORTED);
    }
    if (keys.has("rope_parameters") && keys.has("rope_scaling")) {
      keys.require(
          keys.get("rope_scaling").equals(scaling), "rope_scaling", "one of the two spellings");
    }
  }

  /**
   * The rotation.
   *
   * @param headDim width of a head
   */
  Rope rope(int headDim) {
    boolean partial = phi || neox;
    double share =
        number(
            "partial_rotary_factor",
            keys.positive(neox ? "rotary_pct" : "partial_rotary_factor", 1));
    if (share > 1 || share < 1 && !partial) {
      throw ConfigKeys.unsupported("partial_rotary_factor", Double.toString(share), "1");
    }
    int width = (int) (headDim * share);
    if (width < 2 || width % 2 != 0) {
      throw ConfigKeys.invalid(
          share < 1 ? "partial_rotary_factor" : "head_dim",
          width + " rotated dimensions; rotary positions need an even width of at least 2");
    }
    String base = neox ? "rotary_emb_base" : "rope_theta";
    double theta = number("rope_theta", keys.positive(base, 10_000));
    return new Rope(theta, width, scaling(width));
  }

  /** Positions that the rotation is good for. */
  int context() {
    return type().equals("longrope") ? original() : context;
  }

  private String type() {
    // Phi-3's first files call LongRoPE by other names.
    JsonNode old = scaling.path("type");
    JsonNode type = scaling.has("rope_type") ? scaling.path("rope_type") : old;
    if (type.isMissingNode()) {
      return "default";
    }
    String text = type.asText();
    return phi && (text.equals("su") || text.equals("yarn")) ? "longrope" : text;
  }

  private RopeScaling scaling(int width) {
    return switch (type()) {
      // NTK by length (dynamic) begins behind max_position_embeddings, which is never passed here.
      case "default", "dynamic" -> new RopeScaling.None();
      case "linear" -> new RopeScaling.Linear(required("factor"));
      case "llama3" ->
          new RopeScaling.Llama3(
              required("factor"),
              required("low_freq_factor"),
              required("high_freq_factor"),
              (int) Math.min(Integer.MAX_VALUE, required("original_max_position_embeddings")));
      case "yarn" -> yarn();
      case "longrope" -> longRope(width);
      default -> throw ConfigKeys.unsupported(name, scaling.toString(), SUPPORTED);
    };
  }

  private RopeScaling yarn() {
    double factor = required("factor");
    if (scaling.hasNonNull("original_max_position_embeddings")) {
      double ratio = (double) context / original();
      if (Math.abs(ratio - factor) > FACTOR_TOLERANCE * factor) {
        // Versions of transformers disagree on which of the two counts.
        throw ConfigKeys.unsupported(
            name,
            scaling.toString(),
            "a factor equal to max_position_embeddings / original_max_position_embeddings");
      }
    }
    double all = number("mscale_all_dim", 0);
    double one = number("mscale", 0);
    double usual =
        all > 0 && one > 0 ? magnitude(factor, one) / magnitude(factor, all) : magnitude(factor, 1);
    return new RopeScaling.Yarn(
        factor,
        number("beta_fast", 32),
        number("beta_slow", 1),
        original(),
        scaling.path("truncate").asBoolean(true),
        number("attention_factor", usual));
  }

  private static double magnitude(double factor, double scale) {
    return factor <= 1 ? 1 : 0.1 * scale * Math.log(factor) + 1;
  }

  private RopeScaling longRope(int width) {
    double ratio = (double) context / original();
    double usual = ratio <= 1 ? 1 : Math.sqrt(1 + Math.log(ratio) / Math.log(original()));
    List<Double> divisors = new ArrayList<>();
    for (JsonNode divisor : scaling.path("short_factor")) {
      divisors.add(ConfigKeys.positive(divisor, name + ".short_factor", 1));
    }
    if (divisors.size() != width / 2) {
      throw ConfigKeys.invalid(
          name,
          "its 'short_factor' has "
              + divisors.size()
              + " entries where "
              + width / 2
              + " frequencies are");
    }
    return new RopeScaling.Short(divisors, number("attention_factor", usual));
  }

  /** Context length before stretching. */
  private int original() {
    String key = "original_max_position_embeddings";
    double value = number(key, keys.positive(key, context));
    return (int) Math.max(2, Math.min(context, value));
  }

  private double number(String key, double fallback) {
    return ConfigKeys.positive(scaling.get(key), name + "." + key, fallback);
  }

  private double required(String key) {
    if (!scaling.hasNonNull(key)) {
      throw ConfigKeys.invalid(name, "its '" + key + "' is missing");
    }
    return number(key, 1);
  }
}
