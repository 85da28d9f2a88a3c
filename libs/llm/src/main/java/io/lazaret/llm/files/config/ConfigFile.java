package io.lazaret.llm.files.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lazaret.llm.ModelConfig;
import io.lazaret.llm.WeightType;
import io.lazaret.llm.files.bounded.BoundedFile;
import io.lazaret.llm.files.bounded.JsonFile;
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
  public static void refuseRemoteCode(String name, byte[] content) {
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
   * @param original a checked config.json whose other keys are kept; null for a new model
   * @throws ProblemException {@code MODEL_CONFIG_UNSUPPORTED} when a new config.json would not be
   *     read as {@code config}
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

  /**
   * Refuses a configuration of a new model that no config.json could say.
   *
   * @throws ProblemException {@code MODEL_CONFIG_UNSUPPORTED}
   */
  public static void requireWritable(ModelConfig config) {
    fresh(config);
  }

  private static ObjectNode fresh(ModelConfig config) {
    ObjectNode json = NewConfig.keys(config);
    ModelConfig usual = config.withPrefix(ModelConfig.usualPrefix(config.architecture()));
    try {
      if (new ConfigFile(json).config().equals(usual)) {
        return json;
      }
    } catch (ProblemException refused) {
      throw unwritable(config, refused.problem().sentence());
    }
    throw unwritable(config, NAME + " has no keys for all that it says.");
  }

  private static ProblemException unwritable(ModelConfig config, String reason) {
    return ProblemException.of(
        "MODEL_CONFIG_UNSUPPORTED",
        "A new " + config.architecture() + " of this configuration cannot be made: " + reason,
        "Start from a configuration that a model directory has.");
  }
}
