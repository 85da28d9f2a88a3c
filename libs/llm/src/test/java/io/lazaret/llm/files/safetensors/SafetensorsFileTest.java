package io.lazaret.llm.files.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lazaret.llm.WeightType;
import io.lazaret.llm.files.Damage;
import io.lazaret.problem.ProblemException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class SafetensorsFileTest {

  @TempDir Path dir;

  @ParameterizedTest
  @EnumSource(WeightType.class)
  void readsWhatTheWriterWrote(WeightType type) throws IOException {
    float[] values = {0, -0f, 1, -2.5f, 0.099975586f, 65504, 1e-7f, Float.MIN_VALUE};
    Path file = write(type, values, 3);
    try (SafetensorsFile read = SafetensorsFile.open(file)) {
      assertThat(read.metadata()).containsExactly(Map.entry("format", "pt"));
      assertThat(read.tensors().keySet()).containsExactly("a", "b.weight");
      TensorEntry entry = read.tensors().get("b.weight");
      assertThat(entry.shape()).containsExactly(2L, 4L);
      assertThat(read.weightType(entry)).isEqualTo(type);
      float[] all = new float[8];
      read.read(entry, 0, FloatBuffer.wrap(all));
      for (int i = 0; i < 8; i++) {
        assertThat(all[i]).isEqualTo(rounded(type, values[i]));
      }
      float[] part = new float[3];
      read.read(entry, 4, FloatBuffer.wrap(part));
      assertThat(part).isEqualTo(Arrays.copyOfRange(all, 4, 7));
      assertThatThrownBy(() -> read.read(entry, 6, FloatBuffer.wrap(part)))
          .isInstanceOf(IndexOutOfBoundsException.class);
    }
    // Written again, the rounded values give the same bytes.
    float[] rounded = new float[8];
    for (int i = 0; i < 8; i++) {
      rounded[i] = rounded(type, values[i]);
    }
    assertThat(Files.readAllBytes(write(type, rounded, 3))).isEqualTo(Files.readAllBytes(file));
  }

  private static float rounded(WeightType type, float value) {
    return switch (type) {
      case FP32 -> value;
      case FP16 -> HalfPrecision.fromFp16(HalfPrecision.toFp16(value));
      case BF16 -> HalfPrecision.fromBf16(HalfPrecision.toBf16(value));
    };
  }

  @Test
  void readsAcrossTheChunksOfItsBuffer() throws IOException {
    float[] values = new float[700_000];
    for (int i = 0; i < values.length; i++) {
      values[i] = i;
    }
    Path file = dir.resolve("large");
    SafetensorsWriter.FloatSource source =
        (first, out) -> out.put(values, (int) first, out.remaining());
    SafetensorsWriter.write(
        file,
        List.of(new SafetensorsWriter.Tensor("x", new long[] {700, 1000}, source)),
        WeightType.FP32,
        Map.of());
    try (SafetensorsFile read = SafetensorsFile.open(file)) {
      float[] back = new float[values.length - 1];
      read.read(read.tensors().get("x"), 1, FloatBuffer.wrap(back));
      assertThat(back).isEqualTo(Arrays.copyOfRange(values, 1, values.length));
    }
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          a hole               | {"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}                              | hole before
          trailing bytes       | {"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}                              | 4 bytes follow
          no tensors but data  | {}                                                                                  | 8 bytes follow
          overlap              | {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}} | overlaps
          repeated tensor      | {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}} | Duplicate
          repeated key         | {"a":{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]}}                | Duplicate
          wrong size           | {"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}                              | needs 12 bytes
          overflowing shape    | {"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,8]}}          | beyond 64 bits
          overflowing bytes    | {"a":{"dtype":"F64","shape":[2305843009213693952],"data_offsets":[0,8]}}            | beyond 64 bits
          huge number          | {"a":{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,8]}}           | whole number
          negative extent      | {"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}                             | whole number
          fractional extent    | {"a":{"dtype":"F32","shape":[2.0],"data_offsets":[0,8]}}                            | whole number
          backward offsets     | {"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}                              | ends before
          one offset           | {"a":{"dtype":"F32","shape":[2],"data_offsets":[8]}}                                | two numbers
          three offsets        | {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8,8]}}                            | more than 2
          many extents         | {"a":{"dtype":"F32","shape":[1,1,1,1,1,1,1,1,2],"data_offsets":[0,8]}}              | more than 8
          unknown dtype        | {"a":{"dtype":"Q4_K","shape":[2],"data_offsets":[0,8]}}                             | unknown dtype
          unknown key          | {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"pickle":1}}                   | unknown key
          missing shape        | {"a":{"dtype":"F32","data_offsets":[0,8]}}                                          | lacks
          tensor is a list     | {"a":[]}                                                                            | not an object
          metadata not text    | {"__metadata__":{"k":1},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}       | no string
          not an object        | []                                                                                  | begin with '{'
          leading space        | ~ {}~                                                                               | begin with '{'
          broken JSON          | {"a":                                                                               | not valid JSON
          second document      | {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}{}                            | follows the header
          """)
  void refusesALyingHeader(String what, String header, String finding) throws IOException {
    assertProblem(raw(header.getBytes(StandardCharsets.UTF_8), 8), "SAFETENSORS_INVALID", finding);
  }

  @Test
  void refusesAHeaderThatIsNotUtf8() throws IOException {
    byte[] header = "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}".getBytes();
    header[2] = (byte) 0xff;
    assertProblem(raw(header, 8), "SAFETENSORS_INVALID", "UTF-8");
  }

  @Test
  void acceptsSpacesBehindTheHeaderAndEmptyTensors() throws IOException {
    String header =
        "{\"e\":{\"dtype\":\"F32\",\"shape\":[0,4],\"data_offsets\":[0,0]},"
            + "\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}   ";
    try (SafetensorsFile file = SafetensorsFile.open(raw(header.getBytes(), 8))) {
      assertThat(file.tensors()).hasSize(2);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 7, 8, 9, 40, 120, 180})
  void refusesATruncatedFile(int bytes) throws IOException {
    byte[] whole = Files.readAllBytes(write(WeightType.FP32, new float[8], 3));
    Path file = dir.resolve("short");
    Files.write(file, Arrays.copyOf(whole, bytes));
    assertThat(bytes).isLessThan(whole.length);
    assertProblem(file, "SAFETENSORS_TRUNCATED", "truncated");
  }

  @ParameterizedTest
  @ValueSource(longs = {100_000_001L, Long.MAX_VALUE, -1, Long.MIN_VALUE})
  void refusesAHeaderLengthBeyondTheLimit(long length) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN).putLong(length);
    Path file = Files.write(dir.resolve("huge"), bytes.array());
    assertProblem(file, "SAFETENSORS_HEADER_TOO_LARGE", Long.toUnsignedString(length));
  }

  @Test
  void refusesMoreTensorsThanTheLimit() throws IOException {
    Path file = write(WeightType.FP32, new float[8], 3);
    assertThatThrownBy(() -> SafetensorsFile.open(file, new SafetensorsFile.Limits(1000, 1, 8, 99)))
        .hasMessageContaining("more than 1 tensors");
    assertThatThrownBy(() -> SafetensorsFile.open(file, new SafetensorsFile.Limits(50, 9, 8, 99)))
        .hasMessageContaining("SAFETENSORS_HEADER_TOO_LARGE");
    assertThatThrownBy(() -> SafetensorsFile.open(file, new SafetensorsFile.Limits(1000, 9, 8, 9)))
        .hasMessageContaining("exceed 9 characters");
  }

  /** Damage of every kind, at random: a named problem or a consistent file, nothing else. */
  @Test
  void everyDamagedFileIsRefusedByNameOrHarmless() throws IOException {
    byte[] whole = Files.readAllBytes(write(WeightType.BF16, new float[8], 3));
    SplittableRandom random = new SplittableRandom(1);
    Path file = dir.resolve("mutant");
    int refused = 0;
    for (int i = 0; i < 600; i++) {
      byte[] mutant = Damage.at(whole, random);
      Files.write(file, mutant);
      try (SafetensorsFile read = SafetensorsFile.open(file)) {
        long data = read.tensors().values().stream().mapToLong(t -> t.end() - t.begin()).sum();
        assertThat(data).isLessThanOrEqualTo(mutant.length - 8);
      } catch (ProblemException e) {
        assertThat(e.problem().code()).startsWith("SAFETENSORS_");
        refused++;
      }
    }
    assertThat(refused).isGreaterThan(300);
  }

  @Test
  void namesAWeightTypeThatItCannotRead() throws IOException {
    String header = "{\"a\":{\"dtype\":\"I64\",\"shape\":[1],\"data_offsets\":[0,8]}}";
    try (SafetensorsFile file = SafetensorsFile.open(raw(header.getBytes(), 8))) {
      assertThatThrownBy(() -> file.weightType(file.tensors().get("a")))
          .hasMessageContaining("MODEL_WEIGHT_TYPE_UNSUPPORTED")
          .hasMessageContaining("I64");
    }
  }

  private Path raw(byte[] header, int data) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(8 + header.length + data).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(header.length).put(header);
    return Files.write(dir.resolve("raw"), bytes.array());
  }

  private Path write(WeightType type, float[] values, int scalars) throws IOException {
    Path file = dir.resolve("written" + type);
    Files.deleteIfExists(file);
    SafetensorsWriter.write(
        file,
        List.of(
            new SafetensorsWriter.Tensor(
                "b.weight",
                new long[] {2, 4},
                (first, out) -> out.put(values, (int) first, out.remaining())),
            new SafetensorsWriter.Tensor(
                "a", new long[] {scalars}, (first, out) -> out.put(new float[scalars]))),
        type,
        Map.of("format", "pt"));
    return file;
  }

  @Test
  void writesATensorInSlices() throws IOException {
    float[] values = new float[1_000];
    for (int i = 0; i < values.length; i++) {
      values[i] = i;
    }
    List<Integer> sizes = new ArrayList<>();
    StoredTensor sliced =
        StoredTensor.of(
            "x",
            new long[] {10, 100},
            WeightType.BF16,
            (first, out) -> {
              sizes.add(out.remaining());
              out.put(values, (int) first, out.remaining());
            },
            96);
    StoredTensor whole =
        StoredTensor.of(
            "x",
            new long[] {10, 100},
            WeightType.BF16,
            (first, out) -> out.put(values, (int) first, out.remaining()));
    ByteArrayOutputStream inSlices = new ByteArrayOutputStream();
    sliced.content().writeTo(Channels.newChannel(inSlices));
    ByteArrayOutputStream atOnce = new ByteArrayOutputStream();
    whole.content().writeTo(Channels.newChannel(atOnce));
    assertThat(inSlices.toByteArray()).isEqualTo(atOnce.toByteArray());
    assertThat(sizes).hasSize(11).endsWith(40);
  }

  private static void assertProblem(Path file, String code, String finding) {
    assertThatThrownBy(() -> SafetensorsFile.open(file).close())
        .isInstanceOfSatisfying(
            ProblemException.class,
            e -> {
              assertThat(e.problem().code()).isEqualTo(code);
              assertThat(e.problem().sentence())
                  .contains(finding)
                  .contains(file.getFileName().toString());
            });
  }
}
