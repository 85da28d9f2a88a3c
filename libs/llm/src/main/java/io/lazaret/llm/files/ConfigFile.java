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

/**
 * Reads and writes {@code config.json}, in the spelling of transformers 4 ({@code rope_theta},
 * {@code torch_dtype}) and 5 ({@code rope_parameters}, {@code dtype}).
 */
public final class ConfigFile {

  public static final String NAME = "config.json";

  /** Largest config.json that is read, in bytes. */
  public static final long MAX_BYTES = 1 << 20;

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
    return new DecoderKeys(architecture(), new ConfigKeys(json)).config();
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
      throw ConfigKeys.invalid("architectures", "it is not a list of one name");
    }
    String name = names.get(0).textValue();
    if (!ModelConfig.ARCHITECTURES.contains(name)) {
      throw ProblemException.of(
          "MODEL_ARCHITECTURE_UNSUPPORTED",
          NAME
              + " names the architecture '"
              + ConfigKeys.shown(name)
              + "', which is not supported.",
          "Supported architectures: " + String.join(", ", ModelConfig.ARCHITECTURES) + ".");
    }
    return name;
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

  /** For the layouts that {@link ModelConfig} makes from sizes; others come from a file. */
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
    json.put("rope_theta", config.rope().theta());
    json.put("rms_norm_eps", config.norm().eps());
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
