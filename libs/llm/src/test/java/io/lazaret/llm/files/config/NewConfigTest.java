package io.lazaret.llm.files.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lazaret.llm.CausalLm;
import io.lazaret.llm.ModelConfig;
import io.lazaret.llm.WeightType;
import io.lazaret.llm.arch.RopeScaling;
import io.lazaret.problem.ProblemException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The config.json of new models against those that transformers wrote. */
class NewConfigTest {

  private static final Path PARITY = Path.of("src/test/resources/parity");
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path dir;

  static List<String> fixtures() throws IOException {
    try (Stream<Path> entries = Files.list(PARITY)) {
      return entries
          .filter(Files::isDirectory)
          .map(p -> p.getFileName().toString())
          .sorted()
          .toList();
    }
  }

  @ParameterizedTest
  @MethodSource("fixtures")
  void writesWhatReadsAsTheSameModel(String name) throws IOException {
    ModelConfig config = ModelConfig.read(PARITY.resolve(name).resolve("model"));
    assertThat(written(config)).isEqualTo(config);
    ObjectNode own = (ObjectNode) JSON.readTree(dir.resolve(ConfigFile.NAME).toFile());
    ObjectNode theirs =
        (ObjectNode) JSON.readTree(PARITY.resolve(name).resolve("model/config.json").toFile());
    assertThat(own.path("model_type")).isEqualTo(theirs.path("model_type"));
    // These transformers leaves out where they are usual, or writes as null.
    List<String> usual = List.of("tie_word_embeddings", "head_dim", "hidden_activation");
    for (Map.Entry<String, JsonNode> entry : own.properties()) {
      JsonNode other = theirs.path(entry.getKey());
      JsonNode value = entry.getValue();
      if (value.isNumber() && other.isNumber()) {
        assertThat(value.asDouble()).as(entry.getKey()).isEqualTo(other.asDouble());
      } else if (!value.isNull()
          && !(usual.contains(entry.getKey()) && !theirs.hasNonNull(entry.getKey()))) {
        assertThat(value).as(entry.getKey()).isEqualTo(other);
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          qwen2    | {"use_sliding_window": true, "sliding_window": 6, "max_window_layers": 1}
          qwen3    | {"use_sliding_window": true, "sliding_window": 6, "max_window_layers": 0}
          mistral  | {"sliding_window": null}
          phi3     | {"sliding_window": 5, "partial_rotary_factor": 0.5}
          gemma2   | {"final_logit_softcapping": null, "query_pre_attn_scalar": 7}
          gpt_neox | {"use_parallel_residual": false, "attention_bias": false, "rotary_pct": 0.25}
          gpt2     | {"tie_word_embeddings": false, "activation_function": "relu"}
          llama    | {"rope_scaling": {"type": "linear", "factor": 2.5}, "eos_token_id": [2, 5]}
          llama    | {"rope_scaling": {"type": "yarn", "factor": 2, "beta_fast": 16}}
          llama    | {"rope_scaling": {"type": "yarn", "factor": 4, "truncate": false, "original_max_position_embeddings": 32}}
          llama    | {"bos_token_id": null, "eos_token_id": null}
          """)
  void writesVariants(String name, String changes) throws IOException {
    Path original = PARITY.resolve(name).resolve("model/config.json");
    ObjectNode json = (ObjectNode) JSON.readTree(original.toFile());
    json.setAll((ObjectNode) JSON.readTree(changes));
    JSON.writeValue(dir.resolve(ConfigFile.NAME).toFile(), json);
    ModelConfig config = ModelConfig.read(dir);
    assertThat(config).isNotEqualTo(ModelConfig.read(original.getParent()));
    assertThat(written(config)).isEqualTo(config);
  }

  /** What transformers has no keys for: LongRoPE without divisors for long sequences, say. */
  @Test
  void refusesByNameWhatTheKeysCannotSay() throws IOException {
    Path original = PARITY.resolve("phi3/model/config.json");
    ObjectNode json = (ObjectNode) JSON.readTree(original.toFile());
    ObjectNode scaling = json.putObject("rope_scaling").put("type", "longrope");
    List.of(1, 2, 3, 4).forEach(scaling.putArray("short_factor")::add);
    JSON.writeValue(dir.resolve(ConfigFile.NAME).toFile(), json);
    ModelConfig config = ModelConfig.read(dir);
    assertThat(config.rope().scaling()).isInstanceOf(RopeScaling.Short.class);
    assertRefused(config);
    ModelConfig llama = ModelConfig.llama(64, 32, 2, 4, 2, 48, 64, 1, 99);
    assertRefused(llama);
    assertThatThrownBy(() -> CausalLm.initialise(llama, null, 1))
        .isInstanceOfSatisfying(
            ProblemException.class,
            e -> assertThat(e.problem().code()).isEqualTo("MODEL_CONFIG_UNSUPPORTED"));
  }

  private void assertRefused(ModelConfig config) {
    assertThatThrownBy(() -> written(config))
        .isInstanceOfSatisfying(
            ProblemException.class,
            e -> {
              assertThat(e.problem().code()).isEqualTo("MODEL_CONFIG_UNSUPPORTED");
              assertThat(e.problem().sentence()).contains(config.architecture());
            });
  }

  private ModelConfig written(ModelConfig config) throws IOException {
    Files.write(dir.resolve(ConfigFile.NAME), ConfigFile.bytes(config, WeightType.FP32, null));
    return ModelConfig.read(dir);
  }
}
