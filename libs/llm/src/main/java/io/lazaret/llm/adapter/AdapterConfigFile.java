package io.lazaret.llm.adapter;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lazaret.llm.files.bounded.BoundedFile;
import io.lazaret.llm.files.bounded.JsonFile;
import io.lazaret.problem.ProblemException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads and writes {@code adapter_config.json}. A key that is not known and not switched off is
 * refused: it may change what the adapter means.
 */
final class AdapterConfigFile {

  static final String NAME = "adapter_config.json";

  /** Largest file that is read, in bytes. */
  static final long MAX_BYTES = 1 << 20;

  private static final int MAX_RANK = 4_096;
  private static final int MAX_TARGETS = 10_000;
  private static final double MAX_ALPHA = 1e6;

  /** Keys that describe training, provenance or placement, and change nothing in the result. */
  private static final Set<String> HARMLESS =
      Set.of(
          "base_model_name_or_path",
          "auto_mapping",
          "revision",
          "task_type",
          "inference_mode",
          "lora_dropout",
          "layers_to_transform",
          "layers_pattern",
          "exclude_modules",
          "megatron_config",
          "megatron_core",
          "loftq_config",
          "eva_config",
          "corda_config",
          "ephemeral_gpu_offload",
          "runtime_config",
          "peft_version",
          "ensure_weight_tying",
          "qalora_group_size");

  private static final Set<String> READ =
      Set.of(
          "peft_type", "r", "lora_alpha", "use_rslora", "fan_in_fan_out", "target_modules", "bias");

  /** Initialisations that leave the base weights as they are. */
  private static final Set<String> INITIALISATIONS = Set.of("true", "false", "gaussian", "eva");

  private final ObjectNode json;

  private AdapterConfigFile(ObjectNode json) {
    this.json = json;
  }

  /**
   * Reads and checks the file.
   *
   * @throws ProblemException {@code ADAPTER_CONFIG_INVALID}, {@code ADAPTER_UNSUPPORTED} or {@code
   *     MODEL_FILE_TOO_LARGE}
   */
  static LoraConfig read(Path file) {
    byte[] bytes = BoundedFile.read(file, MAX_BYTES);
    return new AdapterConfigFile(JsonFile.object(NAME, bytes, "ADAPTER_CONFIG_INVALID")).config();
  }

  private LoraConfig config() {
    String type = json.path("peft_type").asText();
    requireSupported("peft_type", type.equals("LORA"));
    requireSupported("bias", json.path("bias").asText("none").equals("none"));
    String start = json.path("init_lora_weights").asText("true");
    requireSupported("init_lora_weights", INITIALISATIONS.contains(start));
    for (Map.Entry<String, JsonNode> entry : json.properties()) {
      boolean known =
          READ.contains(entry.getKey())
              || HARMLESS.contains(entry.getKey())
              || entry.getKey().equals("init_lora_weights");
      requireSupported(entry.getKey(), known || isOff(entry.getValue()));
    }
    // PEFT, too, goes by how the base stores a matrix, whatever this says.
    flag("fan_in_fan_out");
    return new LoraConfig(rank(), alpha(), flag("use_rslora"), targets());
  }

  private static boolean isOff(JsonNode value) {
    return value.isNull()
        || value.isBoolean() && !value.booleanValue()
        || value.isContainerNode() && value.isEmpty();
  }

  private void requireSupported(String key, boolean supported) {
    if (!supported) {
      throw ProblemException.of(
          "ADAPTER_UNSUPPORTED",
          NAME
              + " sets '"
              + JsonFile.shown(key)
              + "' to "
              + JsonFile.shown(json.path(key).toString())
              + ", which is not supported.",
          "Supported are plain LoRA adapters of linear layers, without biases. Merge others with"
              + " the program that made them.");
    }
  }

  private int rank() {
    JsonNode value = json.path("r");
    if (!value.isIntegralNumber()
        || !value.canConvertToInt()
        || value.intValue() < 1
        || value.intValue() > MAX_RANK) {
      throw invalid("r", "is not a whole number between 1 and " + MAX_RANK);
    }
    return value.intValue();
  }

  private double alpha() {
    JsonNode value = json.path("lora_alpha");
    double alpha = value.isNumber() ? value.doubleValue() : Double.NaN;
    if (!(Math.abs(alpha) <= MAX_ALPHA)) {
      throw invalid("lora_alpha", "is not a number of at most " + MAX_ALPHA);
    }
    return alpha;
  }

  private boolean flag(String key) {
    JsonNode value = json.path(key);
    if (!value.isMissingNode() && !value.isNull() && !value.isBoolean()) {
      throw invalid(key, "is neither true nor false");
    }
    return value.asBoolean(false);
  }

  private List<String> targets() {
    JsonNode value = json.path("target_modules");
    if (value.isTextual() || value.isNull() || value.isMissingNode()) {
      return List.of();
    }
    List<String> names = new ArrayList<>();
    value.forEach(name -> names.add(name.isTextual() ? name.textValue() : ""));
    if (!value.isArray() || names.contains("") || names.size() > MAX_TARGETS) {
      throw invalid("target_modules", "is not a list of at most " + MAX_TARGETS + " names");
    }
    return names;
  }

  private static ProblemException invalid(String key, String finding) {
    return ProblemException.of(
        "ADAPTER_CONFIG_INVALID",
        NAME + ", key '" + key + "' " + finding + ".",
        "Restore the file from the adapter's source.");
  }

  /** The bytes of a config that PEFT and {@link #read} accept. */
  static byte[] bytes(LoraConfig config, boolean transposed) throws IOException {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("peft_type", "LORA").put("task_type", "CAUSAL_LM");
    json.put("r", config.rank()).put("lora_alpha", config.alpha());
    json.put("lora_dropout", 0.0).put("bias", "none").put("use_rslora", config.rankStabilised());
    json.put("fan_in_fan_out", transposed).put("inference_mode", true);
    // PEFT wants the key; which base it is, is not the adapter's to say.
    json.putNull("base_model_name_or_path");
    config.targetModules().forEach(json.putArray("target_modules")::add);
    return JsonFile.mapper().writerWithDefaultPrettyPrinter().writeValueAsBytes(json);
  }
}
