package io.lazaret.llm.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lazaret.llm.WeightType;
import io.lazaret.llm.files.safetensors.SafetensorsFile;
import io.lazaret.llm.files.safetensors.StoredTensor;
import io.lazaret.problem.ProblemException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ShardsTest {

  private static final Path LLAMA = Path.of("src/test/resources/parity/llama/model");
  private static final String FIRST = "model-00001-of-00003.safetensors";
  private static final String LAST = "model-00003-of-00003.safetensors";

  @TempDir Path dir;

  /** The parity model in three shards of about 70 kB. */
  private void shard() throws IOException {
    for (String name : List.of("config.json", "tokenizer.json")) {
      Files.copy(LLAMA.resolve(name), dir.resolve(name));
    }
    try (WeightFiles whole = WeightFiles.open(LLAMA)) {
      List<StoredTensor> tensors = new ArrayList<>();
      whole.tensors().keySet().forEach(name -> tensors.add(whole.stored(name)));
      ShardWriter.write(dir, tensors, 70_000);
    }
  }

  @Test
  void aSplitModelHoldsTheSameBytes() throws IOException {
    shard();
    ModelSummary summary = ModelDirectory.inspect(dir);
    assertThat(summary.parameters()).isEqualTo(42_400);
    assertThat(summary.weightFiles())
        .containsExactly(
            FIRST, "model-00002-of-00003.safetensors", "model-00003-of-00003.safetensors");
    JsonNode index = new ObjectMapper().readTree(dir.resolve(ShardIndex.NAME).toFile());
    assertThat(index.path("metadata").path("total_size").asLong()).isEqualTo(4 * 42_400);
    try (WeightFiles whole = WeightFiles.open(LLAMA);
        WeightFiles split = WeightFiles.open(dir)) {
      assertThat(split.tensors().keySet()).isEqualTo(whole.tensors().keySet());
      for (String name : whole.tensors().keySet()) {
        assertThat(bytes(split.stored(name))).isEqualTo(bytes(whole.stored(name)));
        assertThat(index.path("weight_map").path(name).asText()).isIn(summary.weightFiles());
      }
    }
    for (String file : summary.weightFiles()) {
      assertThat(Files.size(dir.resolve(file))).isLessThan(75_000);
      try (SafetensorsFile shard = SafetensorsFile.open(dir.resolve(file))) {
        assertThat(shard.metadata()).containsEntry("format", "pt");
      }
    }
  }

  private static byte[] bytes(StoredTensor tensor) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    tensor.content().writeTo(Channels.newChannel(out));
    assertThat(out.size()).isEqualTo(tensor.bytes());
    return out.toByteArray();
  }

  @Test
  void aTensorLargerThanAShardHasAFileOfItsOwn() throws IOException {
    StoredTensor tensor =
        StoredTensor.of(
            "a", new long[] {9}, WeightType.FP32, (first, out) -> out.position(out.limit()));
    StoredTensor other =
        StoredTensor.of(
            "b", new long[] {1}, WeightType.FP32, (first, out) -> out.position(out.limit()));
    ShardWriter.write(dir, List.of(other, tensor), 8);
    try (WeightFiles split = WeightFiles.open(dir)) {
      assertThat(split.files()).hasSize(2);
    }
  }

  @Test
  void theSingleFileCountsWhereThereAreBoth() throws IOException {
    shard();
    Files.copy(LLAMA.resolve("model.safetensors"), dir.resolve("model.safetensors"));
    assertThat(ModelDirectory.inspect(dir).weightFiles()).containsExactly("model.safetensors");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../model.safetensors",
        "/etc/model.safetensors",
        "sub/model.safetensors",
        "..\\\\model.safetensors",
        "C:model.safetensors",
        ".hidden.safetensors",
        "model.bin",
        "model.safetensors\\u0000",
        "",
        "mo\\u2024del.safetensors"
      })
  void refusesAShardNameThatCouldLeaveTheDirectory(String name) throws IOException {
    shard();
    Files.writeString(dir.resolve(ShardIndex.NAME), "{\"weight_map\": {\"a\": \"" + name + "\"}}");
    assertRefused("MODEL_INDEX_INVALID", "'a'");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          {}                                     | no weight_map
          {"weight_map": {}}                     | is empty
          {"weight_map": []}                     | no object
          {"weight_map": {"a": 7}}               | no file name
          []                                     | JSON object
          {"weight_map": {"a": "x.safetensors", "a": "x.safetensors"}} | Duplicate
          {"weight_map": {"a": "x.safetensors"}} {}                    | follows
          {"weight_map":                         | not valid JSON
          """)
  void refusesAnIndexThatIsNone(String content, String finding) throws IOException {
    shard();
    Files.writeString(dir.resolve(ShardIndex.NAME), content);
    assertRefused("MODEL_INDEX_INVALID", finding);
  }

  @Test
  void namesTheShardOrTensorThatDoesNotFit() throws IOException {
    shard();
    edit(map -> map.remove("model.norm.weight"));
    assertRefused("MODEL_SHARD_MISMATCH", "model.norm.weight");
    edit(map -> map.put("model.norm.weight", LAST).put("extra", FIRST));
    assertRefused("MODEL_SHARD_MISMATCH", "'extra'");
    edit(map -> map.remove("extra"));
    edit(map -> map.put("extra", "model-00004-of-00003.safetensors"));
    assertRefused("MODEL_SHARD_MISSING", "00004");
  }

  @Test
  void refusesATensorThatTwoShardsHold() throws IOException {
    shard();
    Files.copy(dir.resolve(FIRST), dir.resolve("again.safetensors"));
    edit(map -> map.put("extra", "again.safetensors"));
    assertRefused("MODEL_SHARD_MISMATCH", "places in " + FIRST);
  }

  @Test
  void refusesAShardThatIsALinkOutOfTheDirectory(@TempDir Path outside) throws IOException {
    shard();
    Files.move(dir.resolve(FIRST), outside.resolve(FIRST));
    Files.createSymbolicLink(dir.resolve(FIRST), outside.resolve(FIRST));
    assertRefused("MODEL_FILE_OUTSIDE", FIRST);
    assertThatThrownBy(() -> WeightFiles.open(dir)).hasMessageContaining("MODEL_FILE_OUTSIDE");
  }

  @Test
  void keepsToItsLimits() throws IOException {
    shard();
    SafetensorsFile.Limits files = SafetensorsFile.Limits.standard();
    assertLimit(files, new ShardIndex.Limits(100, 9, 99, 9_999), "MODEL_FILE_TOO_LARGE");
    assertLimit(files, new ShardIndex.Limits(9_999, 2, 99, 9_999), "more than 2 files");
    assertLimit(files, new ShardIndex.Limits(9_999, 9, 5, 9_999), "more than 5 tensors");
    assertLimit(files, new ShardIndex.Limits(9_999, 9, 99, 50), "exceed 50 characters");
  }

  private void assertLimit(
      SafetensorsFile.Limits files, ShardIndex.Limits limits, String expected) {
    assertThatThrownBy(() -> WeightFiles.open(dir, files, limits)).hasMessageContaining(expected);
  }

  @Test
  void readsBeyondTwoGibibytesOfOneTensor() throws IOException {
    long elements = (3L << 30) / 2;
    String header =
        "{\"x\":{\"dtype\":\"BF16\",\"shape\":[1572864,1024],\"data_offsets\":[0,"
            + (3L << 30)
            + "]}}";
    byte[] text = header.getBytes();
    Path file = dir.resolve("model.safetensors");
    try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
      ByteBuffer start = ByteBuffer.allocate(8 + text.length).order(ByteOrder.LITTLE_ENDIAN);
      sparse.write(start.putLong(text.length).put(text).array());
      sparse.setLength(8 + text.length + (3L << 30));
      sparse.seek(8 + text.length + (3L << 30) - 2);
      sparse.write(new byte[] {(byte) 0x80, 0x3f});
    }
    try (WeightFiles weights = WeightFiles.open(dir)) {
      FloatBuffer last = FloatBuffer.allocate(3);
      weights.read("x", elements - 3, last);
      assertThat(last.array()).containsExactly(0, 0, 1);
    }
  }

  private void edit(Consumer<ObjectNode> change) throws IOException {
    ObjectMapper mapper = new ObjectMapper();
    Path file = dir.resolve(ShardIndex.NAME);
    ObjectNode json = (ObjectNode) mapper.readTree(file.toFile());
    change.accept((ObjectNode) json.path("weight_map"));
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
