package io.lazaret.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lazaret.llm.files.ModelDirectory;
import io.lazaret.llm.files.ModelSummary;
import io.lazaret.llm.files.ShardWriter;
import io.lazaret.llm.files.safetensors.StoredTensor;
import io.lazaret.llm.tensor.NativeParameter;
import io.lazaret.llm.tensor.TensorMemory;
import io.lazaret.problem.ProblemException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class CheckpointTest {

  private static final Path PARITY = Path.of("src/test/resources/parity");

  @TempDir Path dir;

  @ParameterizedTest
  @EnumSource(WeightType.class)
  void whatWasSavedOpensAndSavesToTheSameBytes(WeightType type) throws IOException {
    Path first = dir.resolve("first");
    Path second = dir.resolve("second");
    List<float[]> values;
    try (CausalLm lm = TinyModels.model(TinyModels.qwen2(), dir, 1)) {
      lm.save(first, type);
      values = lm.parameters().stream().map(Parameter::values).toList();
    }
    try (CausalLm lm = CausalLm.open(first)) {
      assertThat(lm.weightType()).isEqualTo(type);
      assertThat(lm.config()).isEqualTo(TinyModels.qwen2());
      for (int i = 0; i < values.size(); i++) {
        double tolerance = type == WeightType.FP32 ? 0 : type == WeightType.FP16 ? 1e-3 : 8e-3;
        Closeness.assertClose(
            lm.parameters().get(i).name(),
            lm.parameters().get(i).values(),
            values.get(i),
            tolerance);
      }
      lm.save(second, lm.weightType());
    }
    for (String file : List.of("model.safetensors", "config.json", "tokenizer.json")) {
      assertThat(second.resolve(file)).hasSameBinaryContentAs(first.resolve(file));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"llama", "qwen2"})
  void keepsTheFilesThatTravelWithTheWeights(String model) throws IOException {
    Path source = PARITY.resolve(model).resolve("model");
    Path saved = dir.resolve("saved");
    try (CausalLm lm = CausalLm.open(source)) {
      lm.save(saved, WeightType.BF16);
    }
    for (String file :
        List.of("tokenizer.json", "tokenizer_config.json", "generation_config.json")) {
      assertThat(saved.resolve(file)).hasSameBinaryContentAs(source.resolve(file));
    }
    ObjectMapper mapper = new ObjectMapper();
    JsonNode before = mapper.readTree(source.resolve("config.json").toFile());
    JsonNode after = mapper.readTree(saved.resolve("config.json").toFile());
    assertThat(after.path("torch_dtype").asText()).isEqualTo("bfloat16");
    assertThat(after.has("dtype")).isFalse();
    assertThat(after.path("initializer_range")).isEqualTo(before.path("initializer_range"));
    ModelSummary summary = ModelDirectory.inspect(saved);
    assertThat(summary.weightType()).isEqualTo(WeightType.BF16);
    assertThat(summary.config()).isEqualTo(ModelDirectory.inspect(source).config());
  }

  @Test
  void savesInShardsAndOpensThem() {
    Path single = dir.resolve("single");
    Path split = dir.resolve("split");
    try (CausalLm lm = TinyModels.model(TinyModels.llama(), dir, 9)) {
      lm.save(single, WeightType.BF16);
      lm.save(split, SaveSettings.of(WeightType.BF16).withShardBytes(20_000));
    }
    assertThat(ModelDirectory.inspect(split).weightFiles()).hasSizeGreaterThan(2);
    try (CausalLm one = CausalLm.open(single);
        CausalLm other = CausalLm.open(split)) {
      for (int i = 0; i < one.parameters().size(); i++) {
        assertThat(other.parameters().get(i).values()).isEqualTo(one.parameters().get(i).values());
      }
    }
  }

  @Test
  void weightsOfMixedFormatsThatNobodyChangedKeepTheirBytes() throws IOException {
    Path source = dir.resolve("source");
    Path mixed = Files.createDirectory(dir.resolve("mixed"));
    Path saved = dir.resolve("saved");
    try (CausalLm lm = TinyModels.model(TinyModels.llama(), dir, 10)) {
      lm.save(source, WeightType.FP32);
      for (String file : List.of("config.json", "tokenizer.json", "tokenizer_config.json")) {
        Files.copy(source.resolve(file), mixed.resolve(file));
      }
      List<StoredTensor> tensors = new ArrayList<>();
      for (Parameter p : lm.parameters()) {
        tensors.add(
            StoredTensor.of(
                p.name(),
                p.shape(),
                p.shape().length == 1 ? WeightType.FP32 : WeightType.FP16,
                (first, out) -> out.put(p.values(), (int) first, out.remaining())));
      }
      ShardWriter.write(mixed, tensors, Long.MAX_VALUE);
    }
    try (CausalLm lm = CausalLm.open(mixed)) {
      assertThat(lm.weightType()).isEqualTo(WeightType.FP32);
      lm.save(saved, SaveSettings.asRead());
    }
    assertThat(saved.resolve("model.safetensors"))
        .hasSameBinaryContentAs(mixed.resolve("model.safetensors"));
  }

  @ParameterizedTest
  @MethodSource("fixtures")
  void aNewModelOfAnyArchitectureSavesAndOpensAsItself(String model) {
    Path fixture = ParityFixture.path(model).resolve("model");
    Path saved = dir.resolve(model);
    ModelConfig config = ModelConfig.read(fixture);
    List<int[]> sequence = List.of(new int[] {5, 6, 7, 8});
    try (Tokenizer tokenizer = Tokenizer.open(fixture);
        CausalLm lm = CausalLm.initialise(config, tokenizer, 3)) {
      lm.save(saved, WeightType.FP32);
      try (CausalLm again = CausalLm.open(saved)) {
        assertThat(again.config()).isEqualTo(config);
        assertThat(again.nextLogProbs(sequence, null)[0])
            .isEqualTo(lm.nextLogProbs(sequence, null)[0]);
      }
    }
  }

  static List<String> fixtures() throws IOException {
    try (Stream<Path> entries = Files.list(PARITY)) {
      return entries
          .filter(Files::isDirectory)
          .map(p -> p.getFileName().toString())
          .sorted()
          .toList();
    }
  }

  @Test
  void aTiedHeadIsNotWritten() {
    try (CausalLm lm = TinyModels.model(TinyModels.qwen2(), dir, 2)) {
      assertThat(lm.parameters()).noneMatch(p -> p.name().equals("lm_head.weight"));
      assertThat(lm.parameterCount())
          .isEqualTo(lm.parameters().stream().mapToLong(p -> p.values().length).sum());
    }
  }

  @Test
  void writesIntoAnEmptyDirectoryButNeverOverSomething() throws IOException {
    try (CausalLm lm = TinyModels.model(TinyModels.llama(), dir, 3)) {
      Path empty = Files.createDirectory(dir.resolve("empty"));
      lm.save(empty, WeightType.FP32);
      assertThat(ModelDirectory.inspect(empty).parameters()).isEqualTo(lm.parameterCount());
      assertSaveFails(lm, empty, "OUTPUT_EXISTS");
      assertSaveFails(lm, empty.resolve("config.json"), "OUTPUT_EXISTS");
    }
  }

  @Test
  void leavesNothingBehindWhenWritingFails() throws IOException {
    try (CausalLm lm = TinyModels.model(TinyModels.llama(), dir, 4)) {
      Path file = Files.writeString(dir.resolve("file"), "x");
      assertSaveFails(lm, file.resolve("model"), "WRITE_FAILED");
      lm.close();
      // A model whose memory is gone cannot be read: the half-written directory must go too.
      Path target = Files.createDirectory(dir.resolve("out")).resolve("model");
      assertThatThrownBy(() -> lm.save(target, WeightType.FP32))
          .isInstanceOf(RuntimeException.class);
      try (Stream<Path> left = Files.list(target.getParent())) {
        assertThat(left).isEmpty();
      }
    }
  }

  private static void assertSaveFails(CausalLm lm, Path target, String code) {
    assertThatThrownBy(() -> lm.save(target, WeightType.FP32))
        .isInstanceOfSatisfying(
            ProblemException.class, e -> assertThat(e.problem().code()).isEqualTo(code));
  }

  @Test
  void refusesWeightsThatAreNotNumbers() throws IOException {
    for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
      Path saved = dir.resolve("bad" + bad);
      try (CausalLm lm = TinyModels.model(TinyModels.llama(), dir, 5)) {
        TensorMemory.forEachSlice(
            NativeParameter.of(lm.parameters().get(4)).array(),
            (first, values) -> values.put(7, bad));
        lm.save(saved, WeightType.BF16);
      }
      assertThatThrownBy(() -> CausalLm.open(saved))
          .hasMessageContaining("MODEL_WEIGHTS_NOT_FINITE")
          .hasMessageContaining("self_attn.k_proj");
    }
  }

  @Test
  void refusesADirectoryWithoutHavingTouchedIt() throws IOException {
    Path broken = Files.createDirectory(dir.resolve("broken"));
    Files.writeString(broken.resolve("config.json"), "{}");
    assertThatThrownBy(() -> CausalLm.open(broken)).isInstanceOf(ProblemException.class);
    try (Stream<Path> left = Files.list(broken)) {
      assertThat(left).hasSize(1);
    }
  }

  @Test
  void aSoftPromptIsSavedAndLoadedExactly() {
    try (CausalLm lm = TinyModels.model(TinyModels.llama(), dir, 6);
        SoftPrompt soft = SoftPrompt.random(lm, 5, 0.3, 7)) {
      Path file = dir.resolve("soft.safetensors");
      soft.save(file);
      try (SoftPrompt loaded = SoftPrompt.load(lm, file)) {
        assertThat(loaded.parameter().values()).isEqualTo(soft.parameter().values());
        assertThat(loaded.ids()).isEqualTo(soft.ids());
        assertThat(loaded.meanNorm()).isEqualTo(soft.meanNorm());
      }
      ModelConfig wider = ModelConfig.llama(260, 64, 1, 4, 4, 32, 64, 256, 257);
      try (CausalLm other = TinyModels.model(wider, dir, 6)) {
        assertThatThrownBy(() -> SoftPrompt.load(other, file))
            .hasMessageContaining("SOFT_PROMPT_MISMATCH");
      }
      assertThatThrownBy(() -> soft.save(file)).hasMessageContaining("WRITE_FAILED");
    }
  }

  @Test
  void copiesLargeTensorsInSlices() {
    try (CausalLm lm = TinyModels.model(TinyModels.llama(), dir, 8)) {
      Parameter embedding = lm.parameters().get(0);
      float[] values = embedding.values();
      float[] seen = new float[values.length];
      TensorMemory.forEachSlice(
          NativeParameter.of(embedding).array(),
          1_000,
          true,
          true,
          (first, elements) -> {
            assertThat(elements.remaining()).isLessThanOrEqualTo(1_000);
            elements.get(seen, (int) first, elements.remaining());
          });
      assertThat(seen).isEqualTo(values);
      TensorMemory.forEachSlice(
          NativeParameter.of(embedding).array(),
          1_000,
          true,
          true,
          (first, elements) -> {
            for (int i = 0; i < elements.limit(); i++) {
              elements.put(i, first + i);
            }
          });
      float[] written = embedding.values();
      assertThat(written[0]).isZero();
      assertThat(written[8_319]).isEqualTo(8_319);
    }
  }
}
