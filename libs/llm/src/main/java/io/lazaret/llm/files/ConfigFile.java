package io.lazaret.llm.files;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lazaret.llm.ModelConfig;
import io.lazaret.llm.WeightType;
import io.lazaret.problem.ProblemException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads and writes {@code config.json}, in the spelling of transformers 4 ({@code rope_theta},
 * {@code torch_dtype}) and 5 ({@code rope_parameters}, {@code dtype}).
 */
public final class ConfigFile {

  public static final String NAME = "config.json";

  /** Largest config.json that is read, in bytes. */
  public static final long MAX_BYTES = 1 << 20;

  private static final int MAX_VOCAB = 1 << 20;
  private static final int MAX_HIDDEN = 1 << 15;
  private static final int MAX_LAYERS = 512;
  private static final int MAX_HEADS = 1_024;
  private static final int MAX_HEAD_DIM = 1_024;
  private static final int MAX_INTERMEDIATE = 1 << 18;
  private static final int MAX_CONTEXT = 1 << 24;

  private final ObjectNode json;

  private ConfigFile(ObjectNode json) {
    this.json = json;
  }

  /**
   * Reads and checks a config.json.
   *
   * @throws ProblemException {@code MODEL_CONFIG_MISSING}, {@code MODEL_CONFIG_INVALID}, {@code
   *     MODEL_ARCHITECTURE_UNSUPPORTED}, {@code MODEL_FEATURE_UNSUPPORTED} or {@code
   *     MODEL_REMOTE_CODE}
   */
  public static ModelConfig read(Path file) {
    if (!Files.isRegularFile(file)) {
      throw ProblemException.of(
          "MODEL_CONFIG_MISSING",
          "There is no " + NAME + " in " + file.getParent() + ".",
          "Give a model directory in the layout of transformers' save_pretrained.");
    }
    return new ConfigFile(JsonFile.object(NAME, readBytes(file), "MODEL_CONFIG_INVALID")).config();
  }

  private ModelConfig config() {
    refuseRemoteCode(NAME, json);
    String architecture = architecture();
    boolean qwen = architecture.equals(ModelConfig.QWEN2);
    refuseUnsupported();
    int hidden = size("hidden_size", MAX_HIDDEN, null);
    int heads = size("num_attention_heads", MAX_HEADS, null);
    int kvHeads = size("num_key_value_heads", MAX_HEADS, heads);
    int headDim = size("head_dim", MAX_HEAD_DIM, Math.max(1, hidden / heads));
    if (heads % kvHeads != 0) {
      throw invalid(
          "num_key_value_heads", kvHeads + " does not divide num_attention_heads " + heads);
    }
    if (headDim % 2 != 0) {
      throw invalid("head_dim", headDim + " is odd, and rotary positions need an even width");
    }
    int vocab = size("vocab_size", MAX_VOCAB, null);
    List<Integer> eos = ids("eos_token_id", vocab);
    List<Integer> bos = ids("bos_token_id", vocab);
    return new ModelConfig(
        architecture,
        vocab,
        hidden,
        size("num_hidden_layers", MAX_LAYERS, null),
        heads,
        kvHeads,
        headDim,
        size("intermediate_size", MAX_INTERMEDIATE, null),
        size("max_position_embeddings", MAX_CONTEXT, qwen ? 32_768 : 2_048),
        ropeTheta(),
        positive(json.get("rms_norm_eps"), "rms_norm_eps", 1e-6),
        qwen,
        flag("tie_word_embeddings", false),
        bos.isEmpty() ? -1 : bos.get(0),
        eos.isEmpty() ? -1 : eos.get(0),
        eos);
  }

  /** Refuses a JSON file, if there is one, that names Python classes to import. */
  static void refuseRemoteCode(String name, byte[] content) {
    if (content != null) {
      refuseRemoteCode(name, JsonFile.object(name, content, "MODEL_CONFIG_INVALID"));
    }
  }

  private static void refuseRemoteCode(String name, ObjectNode json) {
    if (json.hasNonNull("auto_map")) {
      throw ProblemException.of(
          "MODEL_REMOTE_CODE",
          name + " has the key 'auto_map': the model wants to run its own Python code.",
          "Use a model that needs no code of its own.");
    }
  }

  private String architecture() {
    JsonNode names = json.path("architectures");
    if (!names.isArray() || names.size() != 1 || !names.get(0).isTextual()) {
      throw invalid("architectures", "it is not a list of one name");
    }
    String name = names.get(0).textValue();
    if (!ModelConfig.ARCHITECTURES.contains(name)) {
      throw ProblemException.of(
          "MODEL_ARCHITECTURE_UNSUPPORTED",
          NAME + " names the architecture '" + shown(name) + "', which is not supported.",
          "Supported architectures: " + String.join(", ", ModelConfig.ARCHITECTURES) + ".");
    }
    return name;
  }

  private void refuseUnsupported() {
    refuseUnless("hidden_act", json.path("hidden_act").asText("silu").equals("silu"));
    refuseUnless("attention_bias", !flag("attention_bias", false));
    refuseUnless("mlp_bias", !flag("mlp_bias", false));
    refuseUnless("use_sliding_window", !flag("use_sliding_window", false));
    refuseUnless("quantization_config", !json.hasNonNull("quantization_config"));
    refuseUnless("rope_scaling", isDefaultRope(json.path("rope_scaling")));
    refuseUnless("rope_parameters", isDefaultRope(json.path("rope_parameters")));
    refuseUnless(
        "partial_rotary_factor",
        json.path("partial_rotary_factor").asDouble(1) == 1
            && json.path("rope_parameters").path("partial_rotary_factor").asDouble(1) == 1);
  }

  private static boolean isDefaultRope(JsonNode rope) {
    if (rope.isMissingNode() || rope.isNull()) {
      return true;
    }
    String type = rope.path("rope_type").asText(rope.path("type").asText("default"));
    return rope.isObject() && type.equals("default");
  }

  private void refuseUnless(String key, boolean supported) {
    if (!supported) {
      throw ProblemException.of(
          "MODEL_FEATURE_UNSUPPORTED",
          NAME
              + " sets '"
              + key
              + "' to "
              + shown(json.path(key).toString())
              + ", which is not supported.",
          "Use a model without this feature.");
    }
  }

  private double ropeTheta() {
    JsonNode theta = json.path("rope_parameters").get("rope_theta");
    return positive(theta == null ? json.get("rope_theta") : theta, "rope_theta", 10_000);
  }

  private int size(String key, int max, Integer fallback) {
    JsonNode value = json.get(key);
    if ((value == null || value.isNull()) && fallback != null) {
      return fallback;
    }
    if (value == null || !value.isIntegralNumber()) {
      throw invalid(
          key,
          value == null ? "it is missing" : shown(value.toString()) + " is not a whole number");
    }
    if (!value.canConvertToInt() || value.intValue() < 1 || value.intValue() > max) {
      throw invalid(key, shown(value.toString()) + " is not between 1 and " + max);
    }
    return value.intValue();
  }

  private double positive(JsonNode value, String key, double fallback) {
    if (value == null || value.isNull()) {
      return fallback;
    }
    double number = value.isNumber() ? value.doubleValue() : Double.NaN;
    if (!(number > 0) || Double.isInfinite(number)) {
      throw invalid(key, shown(value.toString()) + " is not a positive number");
    }
    return number;
  }

  private boolean flag(String key, boolean fallback) {
    JsonNode value = json.get(key);
    if (value == null || value.isNull()) {
      return fallback;
    }
    if (!value.isBoolean()) {
      throw invalid(key, shown(value.toString()) + " is neither true nor false");
    }
    return value.booleanValue();
  }

  private List<Integer> ids(String key, int vocab) {
    JsonNode value = json.path(key);
    List<Integer> ids = new ArrayList<>();
    Iterable<JsonNode> entries = value.isArray() ? value : List.of(value);
    for (JsonNode entry : entries) {
      if (entry.isMissingNode() || entry.isNull()) {
        continue;
      }
      boolean valid = entry.isIntegralNumber() && entry.canConvertToInt();
      if (!valid || entry.intValue() < 0 || entry.intValue() >= vocab) {
        throw invalid(key, shown(entry.toString()) + " is not an id below vocab_size " + vocab);
      }
      ids.add(entry.intValue());
    }
    return ids;
  }

  private static ProblemException invalid(String key, String finding) {
    return ProblemException.of(
        "MODEL_CONFIG_INVALID",
        NAME + ", key '" + key + "': " + finding + ".",
        "Restore the file from the model's source.");
  }

  private static String shown(String text) {
    return text.length() > 80 ? text.substring(0, 80) + "…" : text;
  }

  /** The bytes of a config.json that {@link #read} accepts. */
  public static byte[] readBytes(Path file) {
    return BoundedFile.read(file, MAX_BYTES);
  }

  /**
   * The bytes of a config.json.
   *
   * @param config the configuration
   * @param type number format of the weights beside it
   * @param original a checked config.json whose other keys are kept, or null
   */
  public static byte[] bytes(ModelConfig config, WeightType type, byte[] original)
      throws IOException {
    ObjectNode json =
        original == null ? fresh(config) : JsonFile.object(NAME, original, "MODEL_CONFIG_INVALID");
    // transformers 4 reads the first spelling, 5 both; a file keeps the one that it has.
    if (json.has("dtype")) {
      json.put("dtype", type.configName());
    }
    if (json.has("torch_dtype") || !json.has("dtype")) {
      json.put("torch_dtype", type.configName());
    }
    return JsonFile.mapper().writerWithDefaultPrettyPrinter().writeValueAsBytes(json);
  }

  private static ObjectNode fresh(ModelConfig config) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.putArray("architectures").add(config.architecture());
    json.put("model_type", config.architecture().equals(ModelConfig.QWEN2) ? "qwen2" : "llama");
    json.put("vocab_size", config.vocabSize());
    json.put("hidden_size", config.hiddenSize());
    json.put("num_hidden_layers", config.layers());
    json.put("num_attention_heads", config.heads());
    json.put("num_key_value_heads", config.kvHeads());
    json.put("head_dim", config.headDim());
    json.put("intermediate_size", config.intermediateSize());
    json.put("max_position_embeddings", config.contextLength());
    json.put("rope_theta", config.ropeTheta());
    json.put("rms_norm_eps", config.rmsNormEps());
    json.put("hidden_act", "silu");
    json.put("tie_word_embeddings", config.tiedHead());
    if (config.bosId() >= 0) {
      json.put("bos_token_id", config.bosId());
    }
    if (config.eosIds().size() == 1) {
      json.put("eos_token_id", config.eosId());
    } else if (!config.eosIds().isEmpty()) {
      config.eosIds().forEach(json.putArray("eos_token_id")::add);
    }
    return json;
  }
}
