package io.lazaret.llm.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lazaret.llm.ModelConfig;
import io.lazaret.llm.WeightType;
import io.lazaret.llm.files.ModelDirectory;
import io.lazaret.llm.files.ModelSummary;
import io.lazaret.llm.files.ShardWriter;
import io.lazaret.llm.files.WeightFiles;
import io.lazaret.llm.files.safetensors.SafetensorsFile;
import io.lazaret.llm.files.safetensors.SafetensorsWriter;
import io.lazaret.llm.files.safetensors.StoredTensor;
import io.lazaret.llm.files.safetensors.TensorEntry;
import io.lazaret.problem.ProblemException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class AdapterTest {

  private static final Path BASE = Path.of("src/test/resources/parity/llama/model");
  private static final String QUERY = "model.layers.0.self_attn.q_proj.weight";
  private static final String DOWN = "model.layers.1.mlp.down_proj.weight";
  private static final ModelConfig CONFIG = ModelConfig.read(BASE);
  private static final int RANK = 3;

  @TempDir Path temporary;
  private Path adapter;
  private LoraAdapter lora;

  @BeforeEach
  void writeAnAdapter() {
    adapter = temporary.resolve("adapter");
    SplittableRandom random = new SplittableRandom(5);
    Map<String, LoraAdapter.Factors> factors = new HashMap<>();
    for (String weight : List.of(QUERY, DOWN)) {
      int outputs = BaseMatrix.of(CONFIG).get(weight).out();
      int inputs = BaseMatrix.of(CONFIG).get(weight).in();
      factors.put(
          weight,
          new LoraAdapter.Factors(
              RANK, inputs, outputs, gauss(random, RANK * inputs), gauss(random, outputs * RANK)));
    }
    lora = new LoraAdapter(new LoraConfig(RANK, 6, false, List.of("q_proj", "down_proj")), factors);
    AdapterWriter.write(adapter, lora, WeightType.FP32, false);
  }

  private static float[] gauss(SplittableRandom random, int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  @Test
  void theBaseSaysHowItsMatricesAreStoredNotTheAdapter() throws IOException {
    Path plain = temporary.resolve("plain");
    AdapterMerge.merge(BASE, adapter, plain, Long.MAX_VALUE);
    assertThat(config().path("fan_in_fan_out").booleanValue()).isFalse();
    edit(json -> json.put("fan_in_fan_out", true));
    Path flagged = temporary.resolve("flagged");
    AdapterMerge.merge(BASE, adapter, flagged, Long.MAX_VALUE);
    assertThat(flagged.resolve("model.safetensors"))
        .hasSameBinaryContentAs(plain.resolve("model.safetensors"));
  }

  @Test
  void readsWhatItWrote() {
    LoraAdapter read = AdapterDirectory.read(adapter, CONFIG);
    assertThat(read.config()).isEqualTo(lora.config());
    assertThat(read.factors().keySet()).isEqualTo(lora.factors().keySet());
    read.factors()
        .forEach(
            (weight, factors) -> {
              assertThat(factors.a()).isEqualTo(lora.factors().get(weight).a());
              assertThat(factors.b()).isEqualTo(lora.factors().get(weight).b());
            });
  }

  @Test
  void writesTheNamesOfPeft() throws IOException {
    try (SafetensorsFile file =
        SafetensorsFile.open(adapter.resolve("adapter_model.safetensors"))) {
      assertThat(file.tensors().keySet())
          .contains(
              "base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight",
              "base_model.model.model.layers.0.self_attn.q_proj.lora_B.weight");
      assertThat(file.metadata()).containsEntry("format", "pt");
    }
    assertThat(config().path("peft_type").asText()).isEqualTo("LORA");
    assertThat(config().path("lora_alpha").asDouble()).isEqualTo(6);
    assertThat(config().path("target_modules")).hasSize(2);
  }

  @Test
  void scalesAsLoraAndAsRankStabilisedLora() {
    assertThat(new LoraConfig(4, 8, false, List.of()).scale()).isEqualTo(2);
    assertThat(new LoraConfig(4, 8, true, List.of()).scale()).isEqualTo(4);
  }

  @ParameterizedTest
  @EnumSource(WeightType.class)
  void mergesIntoTheNamedWeightsAndLeavesTheOthersAsTheyAre(WeightType type) throws IOException {
    Path base = base(type);
    Path out = temporary.resolve("merged");
    assertThat(AdapterMerge.merge(base, adapter, out, 60_000)).isEqualTo(2);
    ModelSummary merged = ModelDirectory.inspect(out);
    assertThat(merged.weightType()).isEqualTo(type);
    try (WeightFiles before = WeightFiles.open(base);
        WeightFiles after = WeightFiles.open(out)) {
      for (TensorEntry entry : before.tensors().values()) {
        if (lora.factors().containsKey(entry.name())) {
          assertMerged(values(before, entry), values(after, entry), entry, type);
        } else {
          assertThat(bytes(after.stored(entry.name())))
              .isEqualTo(bytes(before.stored(entry.name())));
        }
      }
    }
    assertThat(out.resolve("tokenizer.json"))
        .hasSameBinaryContentAs(base.resolve("tokenizer.json"));
    assertThat(out.resolve("config.json")).hasSameBinaryContentAs(base.resolve("config.json"));
    assertThat(out.resolve("adapter_config.json")).doesNotExist();
  }

  private void assertMerged(float[] before, float[] after, TensorEntry entry, WeightType type) {
    LoraAdapter.Factors f = lora.factors().get(entry.name());
    double step = type == WeightType.FP32 ? 1e-6 : type == WeightType.FP16 ? 5e-4 : 4e-3;
    for (int row = 0; row < f.outputs(); row++) {
      for (int column = 0; column < f.inputs(); column++) {
        double expected = before[row * f.inputs() + column];
        for (int r = 0; r < RANK; r++) {
          expected += 2.0 * f.b()[row * RANK + r] * f.a()[r * f.inputs() + column];
        }
        assertThat((double) after[row * f.inputs() + column])
            .isCloseTo(expected, within(step * (1 + Math.abs(expected))));
      }
    }
  }

  private static float[] values(WeightFiles weights, TensorEntry entry) {
    FloatBuffer values = FloatBuffer.allocate((int) entry.size());
    weights.read(entry.name(), 0, values);
    return values.array();
  }

  private static byte[] bytes(StoredTensor tensor) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    tensor.content().writeTo(Channels.newChannel(out));
    return out.toByteArray();
  }

  /** The parity model in another number format. */
  private Path base(WeightType type) throws IOException {
    Path base = Files.createDirectory(temporary.resolve("base"));
    for (String file : List.of("config.json", "tokenizer.json", "generation_config.json")) {
      Files.copy(BASE.resolve(file), base.resolve(file));
    }
    try (WeightFiles weights = WeightFiles.open(BASE)) {
      List<StoredTensor> tensors = new ArrayList<>();
      for (TensorEntry entry : weights.tensors().values()) {
        tensors.add(
            StoredTensor.of(
                entry.name(),
                entry.shape().stream().mapToLong(Long::longValue).toArray(),
                type,
                (first, out) -> weights.read(entry.name(), first, out)));
      }
      ShardWriter.write(base, tensors, Long.MAX_VALUE);
    }
    return base;
  }

  @Test
  void refusesValuesBeyondTheNumberFormatAndLeavesNothingBehind() throws IOException {
    Path base = base(WeightType.FP16);
    edit(json -> json.put("lora_alpha", 1e6));
    Path out = temporary.resolve("out");
    assertThatThrownBy(() -> AdapterMerge.merge(base, adapter, out, 1 << 20))
        .hasMessageContaining("ADAPTER_INVALID")
        .hasMessageContaining("number format");
    assertThat(temporary).isDirectoryNotContaining(path -> path.toString().contains("out"));
  }

  @Test
  void aLoneAdapterIsNoModelAndSaysWhatToDo() {
    assertThatThrownBy(() -> ModelDirectory.inspect(adapter))
        .isInstanceOfSatisfying(
            ProblemException.class,
            e -> {
              assertThat(e.problem().code()).isEqualTo("MODEL_IS_ADAPTER");
              assertThat(e.problem().nextStep()).contains("lazaret merge --base");
            });
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          peft_type          | "LOHA"              | ADAPTER_UNSUPPORTED
          bias               | "all"               | ADAPTER_UNSUPPORTED
          bias               | "lora_only"         | ADAPTER_UNSUPPORTED
          use_dora           | true                | ADAPTER_UNSUPPORTED
          modules_to_save    | ["lm_head"]         | ADAPTER_UNSUPPORTED
          rank_pattern       | {"q_proj": 8}       | ADAPTER_UNSUPPORTED
          alpha_pattern      | {"q_proj": 8}       | ADAPTER_UNSUPPORTED
          init_lora_weights  | "pissa"             | ADAPTER_UNSUPPORTED
          lora_bias          | true                | ADAPTER_UNSUPPORTED
          auto_map           | {"AutoModel": "x"}  | ADAPTER_UNSUPPORTED
          layer_replication  | [[0, 2]]            | ADAPTER_UNSUPPORTED
          something_new      | 1                   | ADAPTER_UNSUPPORTED
          r                  | 0                   | ADAPTER_CONFIG_INVALID
          r                  | -1                  | ADAPTER_CONFIG_INVALID
          r                  | 99999999999         | ADAPTER_CONFIG_INVALID
          r                  | 2.5                 | ADAPTER_CONFIG_INVALID
          lora_alpha         | "16"                | ADAPTER_CONFIG_INVALID
          lora_alpha         | 1e300               | ADAPTER_CONFIG_INVALID
          use_rslora         | "yes"               | ADAPTER_CONFIG_INVALID
          fan_in_fan_out     | "both"              | ADAPTER_CONFIG_INVALID
          target_modules     | [1]                 | ADAPTER_CONFIG_INVALID
          target_modules     | {"a": "b"}          | ADAPTER_CONFIG_INVALID
          target_modules     | ["k_proj"]          | ADAPTER_INVALID
          r                  | 4                   | ADAPTER_INVALID
          """)
  void refusesWhatItCannotMerge(String key, String value, String code) throws IOException {
    var node = new ObjectMapper().readTree(value);
    edit(json -> json.set(key, node));
    assertRefused(code, code.equals("ADAPTER_INVALID") ? "" : "'" + key + "'");
  }

  @Test
  void whatIsSwitchedOffDoesNotMatterAndTheBaseIsNotFollowed() throws IOException {
    edit(
        json -> {
          json.put("base_model_name_or_path", "/etc/passwd").put("use_dora", false);
          json.putObject("rank_pattern");
          json.putNull("modules_to_save");
          json.put("target_modules", ".*(a+)+$");
        });
    assertThat(AdapterDirectory.read(adapter, CONFIG).factors()).hasSize(2);
  }

  @Test
  void refusesTensorsThatAreNoFactorsOfTheBase() throws IOException {
    String module = "base_model.model.model.layers.0.self_attn.q_proj";
    rewrite(module + ".lora_A.weight", 3, 32);
    assertRefused("ADAPTER_INVALID", "no counterpart");
    rewrite(module + ".lora_A.weight", 3, 32, module + ".lora_B.weight", 31, 3);
    assertRefused("ADAPTER_BASE_MISMATCH", "[31, 32]");
    module = "base_model.model.model.layers.7.self_attn.q_proj";
    rewrite(module + ".lora_A.weight", 3, 32, module + ".lora_B.weight", 32, 3);
    assertRefused("ADAPTER_BASE_MISMATCH", "does not have");
    rewrite("base_model.model.model.embed_tokens.lora_embedding_A", 3, 32);
    assertRefused("ADAPTER_INVALID", "lora_embedding_A");
    rewrite("../../x.lora_A.weight", 3, 32);
    assertRefused("ADAPTER_INVALID", "../../x");
    rewrite();
    assertRefused("ADAPTER_INVALID", "no LoRA factors");
  }

  private void rewrite(Object... namesAndShapes) throws IOException {
    List<StoredTensor> tensors = new ArrayList<>();
    for (int i = 0; i < namesAndShapes.length; i += 3) {
      long[] shape = {(int) namesAndShapes[i + 1], (int) namesAndShapes[i + 2]};
      tensors.add(
          StoredTensor.of(
              (String) namesAndShapes[i],
              shape,
              WeightType.BF16,
              (first, out) -> out.position(out.limit())));
    }
    Path file = adapter.resolve("adapter_model.safetensors");
    Files.delete(file);
    SafetensorsWriter.write(file, tensors, Map.of());
  }

  @ParameterizedTest
  @ValueSource(strings = {"adapter_config.json", "adapter_model.safetensors"})
  void namesWhatIsMissingAndRefusesLinksThatLeave(String file) throws IOException {
    Path outside = temporary.resolve("elsewhere");
    Files.move(adapter.resolve(file), outside);
    assertRefused("ADAPTER_FILE_MISSING", file);
    Files.createSymbolicLink(adapter.resolve(file), outside);
    assertRefused("MODEL_FILE_OUTSIDE", file);
  }

  @Test
  void refusesAPickledAdapterByName() throws IOException {
    Files.move(adapter.resolve("adapter_model.safetensors"), adapter.resolve("adapter_model.bin"));
    assertRefused("MODEL_PICKLE", "adapter_model.bin");
  }

  private ObjectNode config() throws IOException {
    return (ObjectNode)
        new ObjectMapper().readTree(adapter.resolve("adapter_config.json").toFile());
  }

  private void edit(Consumer<ObjectNode> change) throws IOException {
    ObjectNode json = config();
    change.accept(json);
    new ObjectMapper().writeValue(adapter.resolve("adapter_config.json").toFile(), json);
  }

  private void assertRefused(String code, String named) {
    assertThatThrownBy(() -> AdapterDirectory.read(adapter, CONFIG))
        .isInstanceOfSatisfying(
            ProblemException.class,
            e -> {
              assertThat(e.problem().code()).isEqualTo(code);
              assertThat(e.problem().sentence()).contains(named);
              assertThat(e.problem().nextStep()).isNotBlank();
            });
  }
}
