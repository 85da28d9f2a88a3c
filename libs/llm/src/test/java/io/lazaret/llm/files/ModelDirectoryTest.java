package io.lazaret.llm.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lazaret.llm.ModelConfig;
import io.lazaret.llm.WeightType;
import io.lazaret.llm.files.safetensors.SafetensorsWriter;
import io.lazaret.problem.ProblemException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModelDirectoryTest {

  private static final Path PARITY = Path.of("src/test/resources/parity");

  @TempDir Path temporary;
  private Path dir;

  @BeforeEach
  void copyAModel() throws IOException {
    dir = Files.createDirectory(temporary.resolve("model"));
    for (String name : List.of("config.json", "model.safetensors", "tokenizer.json")) {
      Files.copy(PARITY.resolve("llama/model").resolve(name), dir.resolve(name));
    }
  }

  @Test
  void summarisesAModel() {
    ModelSummary summary = ModelDirectory.inspect(dir);
    assertThat(summary.architecture()).isEqualTo("LlamaForCausalLM");
    assertThat(summary.parameters()).isEqualTo(42_400);
    assertThat(summary.weightType()).isEqualTo(WeightType.FP32);
    assertThat(summary.files())
        .containsExactly("config.json", "model.safetensors", "tokenizer.json");
    assertThat(summary.config().kvHeads()).isEqualTo(2);
    ModelSummary qwen = ModelDirectory.inspect(PARITY.resolve("qwen2/model"));
    assertThat(qwen.parameters()).isEqualTo(27_584);
    assertThat(qwen.config().tiedHead()).isTrue();
    assertThat(qwen.config().attention().qkvBias()).isTrue();
    assertThat(qwen.config().rope().theta()).isEqualTo(1e6);
    assertThat(qwen.config().eosIds()).containsExactly(274);
    assertThat(qwen.config().bosId()).isEqualTo(-1);
  }

  @ParameterizedTest
  @CsvSource({
    "config.json, MODEL_CONFIG_MISSING",
    "tokenizer.json, TOKENIZER_MISSING",
    "model.safetensors, MODEL_WEIGHTS_MISSING"
  })
  void namesWhatIsMissing(String file, String code) throws IOException {
    Files.delete(dir.resolve(file));
    assertRefused(code, file);
  }

  @Test
  void refusesAPathThatIsNoDirectory() {
    dir = dir.resolve("config.json");
    assertRefused("MODEL_DIRECTORY_MISSING", "config.json");
  }

  @ParameterizedTest
  @CsvSource({
    "pytorch_model.bin, MODEL_PICKLE",
    "consolidated.00.pth, MODEL_PICKLE",
    "model.pt, MODEL_PICKLE",
    "last.CKPT, MODEL_PICKLE",
    "weights.pkl, MODEL_PICKLE",
    "model-Q4_K_M.gguf, MODEL_GGUF",
    "model.safetensors.index.json, MODEL_INDEX_INVALID"
  })
  void refusesOtherWeightFormatsByName(String file, String code) throws IOException {
    Files.delete(dir.resolve("model.safetensors"));
    Files.writeString(dir.resolve(file), "{}");
    assertRefused(code, file);
  }

  @Test
  void aPickleBesideSafetensorsIsNotRead() throws IOException {
    Files.writeString(dir.resolve("training_args.bin"), "x");
    assertThat(ModelDirectory.inspect(dir).files()).contains("training_args.bin");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GGUF\u0003\u0000\u0000\u0000 and more bytes of it",
        "PK\u0003\u0004aaaaaaaaaaaaaaaa"
      })
  void refusesARenamedFile(String content) throws IOException {
    Files.writeString(dir.resolve("model.safetensors"), content);
    assertRefused("SAFETENSORS_HEADER_TOO_LARGE", "model.safetensors");
  }

  @Test
  void refusesRemoteCode() throws IOException {
    edit(json -> json.putObject("auto_map").put("AutoModel", "evil.Model"));
    assertRefused("MODEL_REMOTE_CODE", "auto_map");
  }

  @Test
  void refusesRemoteCodeOfTheTokenizer() throws IOException {
    Files.writeString(
        dir.resolve("tokenizer_config.json"), "{\"auto_map\": {\"AutoTokenizer\": [\"a.B\"]}}");
    assertRefused("MODEL_REMOTE_CODE", "tokenizer_config.json");
  }

  @Test
  void refusesAnUnknownArchitectureAndNamesTheKnownOnes() throws IOException {
    edit(json -> json.putArray("architectures").add("MambaForCausalLM"));
    assertThatThrownBy(() -> ModelDirectory.inspect(dir))
        .isInstanceOfSatisfying(
            ProblemException.class,
            e -> {
              assertThat(e.problem().code()).isEqualTo("MODEL_ARCHITECTURE_UNSUPPORTED");
              assertThat(e.problem().sentence()).contains("MambaForCausalLM");
              assertThat(e.problem().nextStep())
                  .contains("LlamaForCausalLM")
                  .contains("Qwen2ForCausalLM");
            });
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          hidden_size             | 0                                  | MODEL_CONFIG_INVALID
          hidden_size             | -32                                | MODEL_CONFIG_INVALID
          hidden_size             | 32.5                               | MODEL_CONFIG_INVALID
          hidden_size             | "32"                               | MODEL_CONFIG_INVALID
          hidden_size             | null                               | MODEL_CONFIG_INVALID
          hidden_size             | 99999999999999999999               | MODEL_CONFIG_INVALID
          vocab_size              | 2000000000                         | MODEL_CONFIG_INVALID
          num_hidden_layers       | 1000000                            | MODEL_CONFIG_INVALID
          num_attention_heads     | 5                                  | MODEL_CONFIG_INVALID
          num_key_value_heads     | 3                                  | MODEL_CONFIG_INVALID
          head_dim                | 7                                  | MODEL_CONFIG_INVALID
          max_position_embeddings | 0                                  | MODEL_CONFIG_INVALID
          rope_theta              | -1                                 | MODEL_CONFIG_INVALID
          rope_theta              | "big"                              | MODEL_CONFIG_INVALID
          rms_norm_eps            | 0                                  | MODEL_CONFIG_INVALID
          tie_word_embeddings     | "yes"                              | MODEL_CONFIG_INVALID
          eos_token_id            | 372                                | MODEL_CONFIG_INVALID
          eos_token_id            | [1, -2]                            | MODEL_CONFIG_INVALID
          architectures           | []                                 | MODEL_CONFIG_INVALID
          architectures           | "LlamaForCausalLM"                 | MODEL_CONFIG_INVALID
          hidden_act              | "tanh"                             | MODEL_FEATURE_UNSUPPORTED
          hidden_act              | 3                                  | MODEL_CONFIG_INVALID
          attention_bias          | true                               | MODEL_WEIGHTS_MISMATCH
          mlp_bias                | true                               | MODEL_WEIGHTS_MISMATCH
          use_sliding_window      | true                               | MODEL_FEATURE_UNSUPPORTED
          sliding_window          | 512                                | MODEL_FEATURE_UNSUPPORTED
          attn_logit_softcapping  | 30                                 | MODEL_FEATURE_UNSUPPORTED
          partial_rotary_factor   | 0.5                                | MODEL_FEATURE_UNSUPPORTED
          quantization_config     | {"bits": 4}                        | MODEL_FEATURE_UNSUPPORTED
          layer_types             | ["full_attention", "linear"]       | MODEL_FEATURE_UNSUPPORTED
          layer_types             | ["full_attention"]                 | MODEL_CONFIG_INVALID
          rope_scaling            | {"rope_type": "llama3"}            | MODEL_CONFIG_INVALID
          rope_scaling            | {"type": "linear"}                 | MODEL_CONFIG_INVALID
          rope_scaling            | {"type": "linear", "factor": -2}   | MODEL_CONFIG_INVALID
          rope_scaling            | {"type": "mrope", "factor": 2}     | MODEL_FEATURE_UNSUPPORTED
          rope_parameters         | {"rope_type": "yarn"}              | MODEL_CONFIG_INVALID
          rope_parameters         | 7                                  | MODEL_FEATURE_UNSUPPORTED
          intermediate_size       | 63                                 | MODEL_WEIGHTS_MISMATCH
          vocab_size              | 371                                | TOKENIZER_INVALID
          vocab_size              | 373                                | MODEL_WEIGHTS_MISMATCH
          num_hidden_layers       | 3                                  | MODEL_WEIGHTS_MISMATCH
          num_hidden_layers       | 1                                  | MODEL_WEIGHTS_MISMATCH
          """)
  void refusesAConfigurationThatItCannotRun(String key, String value, String code)
      throws IOException {
    ObjectMapper mapper = new ObjectMapper();
    com.fasterxml.jackson.databind.JsonNode node = mapper.readTree(value);
    edit(json -> json.set(key, node));
    assertRefused(code, code.equals("TOKENIZER_INVALID") ? "371" : "");
    if (code.equals("MODEL_FEATURE_UNSUPPORTED")) {
      assertRefused(code, "sets '" + key + "' to " + node);
    }
    if (code.equals("MODEL_CONFIG_INVALID") && !key.equals("num_attention_heads")) {
      assertRefused(code, "'" + key);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[]", "{", "{\"a\": 1, \"a\": 2}", "{} {}", "nonsense", "\u0000"})
  void refusesAConfigurationThatIsNotOneObject(String content) throws IOException {
    Files.writeString(dir.resolve("config.json"), content);
    assertRefused("MODEL_CONFIG_INVALID", "config.json");
    Files.writeString(dir.resolve("config.json"), "[".repeat(200_000));
    assertRefused("MODEL_CONFIG_INVALID", "config.json");
    Files.writeString(dir.resolve("config.json"), " ".repeat(2 << 20));
    assertRefused("MODEL_FILE_TOO_LARGE", "config.json");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "{",
        "{}",
        "{\"model\": {}}",
        "{\"model\": {\"vocab\": {\"a\": -1}}}",
        "{\"model\": {\"vocab\": {\"a\": \"0\"}}}",
        "{\"model\": {\"vocab\": {\"a\": 1e9}}}",
        "{\"model\": {\"vocab\": {\"a\": 99999999999}}}",
        "{\"model\": {\"vocab\": {\"a\": 0, \"a\": 1}}}",
        "{\"added_tokens\": [{\"id\": 0}], \"model\": {\"vocab\": {\"a\": 0}}}"
      })
  void refusesATokenizerThatIsNone(String content) throws IOException {
    Files.writeString(dir.resolve("tokenizer.json"), content);
    assertRefused("TOKENIZER_INVALID", "tokenizer.json");
  }

  @Test
  void readsTheSpellingsOfNewerConfigurations() throws IOException {
    edit(
        json -> {
          json.remove(List.of("rope_theta", "rope_scaling", "torch_dtype"));
          json.put("dtype", "float32");
          json.putObject("rope_parameters").put("rope_type", "default").put("rope_theta", 5e5);
          json.putArray("eos_token_id").add(2).add(7);
        });
    ModelConfig config = ModelDirectory.inspect(dir).config();
    assertThat(config.rope().theta()).isEqualTo(5e5);
    assertThat(config.eosId()).isEqualTo(2);
    assertThat(config.eosIds()).containsExactly(2, 7);
  }

  @Test
  void refusesLinksThatLeaveTheDirectory() throws IOException {
    Path outside = Files.writeString(temporary.resolve("secret"), "x");
    Path link = Files.createSymbolicLink(dir.resolve("notes.txt"), outside);
    assertRefused("MODEL_FILE_OUTSIDE", "notes.txt");
    Files.delete(link);
    Files.createSymbolicLink(dir.resolve("up"), temporary);
    assertRefused("MODEL_FILE_OUTSIDE", "up");
    Files.delete(dir.resolve("up"));
    Files.createSymbolicLink(dir.resolve("dangling"), dir.resolve("nothing"));
    assertRefused("MODEL_FILE_OUTSIDE", "dangling");
    Files.delete(dir.resolve("dangling"));
    Files.createSymbolicLink(dir.resolve("inside.json"), Path.of("config.json"));
    assertThat(ModelDirectory.inspect(dir).files()).contains("inside.json");
  }

  @Test
  void refusesADirectoryOfTooManyFiles() throws IOException {
    for (int i = 0; i < 1_000; i++) {
      Files.createFile(dir.resolve("f" + i));
    }
    assertRefused("MODEL_TOO_MANY_FILES", "1000");
  }

  @Test
  void refusesAWeightThatBelongsNowhere() throws IOException {
    List<SafetensorsWriter.Tensor> tensors = new ArrayList<>();
    for (WeightLayout.Weight weight : WeightLayout.of(ModelConfig.read(dir))) {
      tensors.add(
          new SafetensorsWriter.Tensor(
              weight.name(), weight.shape(), (first, out) -> out.position(out.limit())));
    }
    tensors.add(
        new SafetensorsWriter.Tensor(
            "lora_A", new long[] {2}, (first, out) -> out.position(out.limit())));
    Files.delete(dir.resolve("model.safetensors"));
    SafetensorsWriter.write(dir.resolve("model.safetensors"), tensors, WeightType.BF16, Map.of());
    assertRefused("MODEL_WEIGHTS_MISMATCH", "lora_A");
  }

  /** Damage at random: a named problem or a configuration within the limits, nothing else. */
  @Test
  void everyDamagedConfigurationIsRefusedByNameOrHarmless() throws IOException {
    byte[] whole = Files.readAllBytes(dir.resolve("config.json"));
    SplittableRandom random = new SplittableRandom(2);
    int refused = 0;
    for (int i = 0; i < 400; i++) {
      Files.write(dir.resolve("config.json"), Damage.at(whole, random));
      try {
        assertThat(ModelDirectory.inspect(dir).parameters()).isEqualTo(42_400);
      } catch (ProblemException e) {
        assertThat(e.problem().code()).matches("(MODEL|TOKENIZER)_[A-Z_]+");
        refused++;
      }
    }
    assertThat(refused).isGreaterThan(150);
  }

  private interface Edit {
    void apply(ObjectNode json);
  }

  private void edit(Edit edit) throws IOException {
    ObjectMapper mapper = new ObjectMapper();
    Path file = dir.resolve("config.json");
    ObjectNode json = (ObjectNode) mapper.readTree(file.toFile());
    edit.apply(json);
    mapper.writeValue(file.toFile(), json);
  }

  private void assertRefused(String code, String named) {
    assertThatThrownBy(() -> ModelDirectory.inspect(dir))
        .isInstanceOfSatisfying(
            ProblemException.class,
            e -> {
              assertThat(e.problem().code()).isEqualTo(code);
              assertThat(e.problem().sentence()).contains(named);
              assertThat(e.problem().nextStep()).isNotBlank();
            });
  }
}
