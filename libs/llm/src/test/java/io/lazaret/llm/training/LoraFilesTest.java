package io.lazaret.llm.training;

import static io.lazaret.llm.Closeness.assertClose;
import static org.assertj.core.api.Assertions.assertThat;

import io.lazaret.llm.CausalLm;
import io.lazaret.llm.ModelConfig;
import io.lazaret.llm.Parameter;
import io.lazaret.llm.ParityFixture;
import io.lazaret.llm.TinyModels;
import io.lazaret.llm.WeightType;
import io.lazaret.llm.adapter.AdapterMerge;
import io.lazaret.llm.files.ShardWriter;
import io.lazaret.llm.files.WeightFiles;
import io.lazaret.llm.files.safetensors.StoredTensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Adapters that were saved, opened and merged as files. */
class LoraFilesTest {

  @TempDir Path dir;

  @ParameterizedTest
  @MethodSource("io.lazaret.llm.TinyModels#architectures")
  void aSavedAdapterComputesTheSameOnAFreshModel(ModelConfig config) {
    List<int[]> sequence = List.of(new int[] {5, 6, 7, 8});
    float[] before;
    try (CausalLm lm = TinyModels.model(config, dir, 10);
        Lora lora = LoraTest.rough(lm, LoraTest.everywhere(lm))) {
      before = lm.nextLogProbs(sequence, null)[0];
      lora.save(dir.resolve("adapter"), WeightType.FP32);
    }
    try (CausalLm lm = TinyModels.model(config, dir, 10);
        Lora lora = Lora.open(lm, dir.resolve("adapter"))) {
      assertThat(lm.nextLogProbs(sequence, null)[0]).isEqualTo(before);
      assertThat(lora.parameters()).isNotEmpty();
    }
  }

  /** Both in a whole model and in a bare decoder, whose file has no prefix. */
  @ParameterizedTest
  @CsvSource({"llama,false", "gpt2,false", "gpt2,true", "gpt_neox,false", "phi3,false"})
  void mergedFilesHoldWhatWasMergedInMemory(String name, boolean bare) throws IOException {
    Path base = bare ? bare(name) : ParityFixture.path(name).resolve("model");
    Path merged = dir.resolve("merged");
    try (CausalLm lm = CausalLm.open(base);
        Lora lora = LoraTest.rough(lm, LoraTest.everywhere(ModelConfig.read(base)))) {
      lora.save(dir.resolve("adapter"), WeightType.FP32);
      assertThat(Files.readString(dir.resolve("adapter/adapter_config.json")))
          .contains("\"fan_in_fan_out\" : " + name.equals("gpt2"));
      int changed = AdapterMerge.merge(base, dir.resolve("adapter"), merged, 50_000);
      assertThat(changed).isEqualTo(lora.adapter().factors().size());
      assertThat(changed).isGreaterThanOrEqualTo(8);
      lora.merge();
      try (CausalLm file = CausalLm.open(merged);
          CausalLm plain = CausalLm.open(base)) {
        int differ = 0;
        for (int i = 0; i < lm.parameters().size(); i++) {
          Parameter memory = lm.parameters().get(i);
          float[] values = file.parameters().get(i).values();
          assertClose(memory.name(), values, memory.values(), 1e-6);
          differ += Arrays.equals(values, plain.parameters().get(i).values()) ? 0 : 1;
        }
        assertThat(differ).isEqualTo(changed);
      }
    }
  }

  /** A fixture in files without a prefix, as the first GPT-2 was published. */
  private Path bare(String name) throws IOException {
    Path model = ParityFixture.path(name).resolve("model");
    Path bare = Files.createDirectory(dir.resolve("bare"));
    try (Stream<Path> files = Files.list(model);
        WeightFiles weights = WeightFiles.open(model)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".json")).toList()) {
        Files.copy(file, bare.resolve(file.getFileName()));
      }
      String prefix = ModelConfig.read(model).prefix();
      List<StoredTensor> tensors =
          weights.tensors().keySet().stream()
              .map(weights::stored)
              .map(
                  t ->
                      new StoredTensor(
                          t.name().replaceFirst("^" + prefix, ""),
                          t.dtype(),
                          t.shape(),
                          t.bytes(),
                          t.content()))
              .toList();
      ShardWriter.write(bare, tensors, Long.MAX_VALUE);
    }
    return bare;
  }
}
