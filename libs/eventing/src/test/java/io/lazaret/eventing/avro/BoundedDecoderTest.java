package io.lazaret.eventing.avro;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BoundedDecoderTest {

  /** Every construct of the encoding. */
  private static final Schema EVERYTHING =
      SchemaBuilder.record("Everything")
          .fields()
          .requiredBoolean("flag")
          .requiredInt("number")
          .requiredLong("large")
          .requiredFloat("single")
          .requiredDouble("twice")
          .requiredString("text")
          .requiredBytes("bytes")
          .optionalString("maybe")
          .name("fixed")
          .type()
          .fixed("Four")
          .size(4)
          .noDefault()
          .name("choice")
          .type()
          .enumeration("Choice")
          .symbols("A", "B", "C")
          .noDefault()
          .name("list")
          .type()
          .array()
          .items()
          .stringType()
          .noDefault()
          .name("map")
          .type()
          .map()
          .values()
          .longType()
          .noDefault()
          .endRecord();

  private static final Schema LAST_FIELD_ONLY =
      SchemaBuilder.record("Everything")
          .fields()
          .name("map")
          .type()
          .map()
          .values()
          .longType()
          .noDefault()
          .endRecord();

  private static GenericRecord random(SplittableRandom random) {
    GenericRecord r = new GenericData.Record(EVERYTHING);
    r.put("flag", random.nextBoolean());
    r.put("number", random.nextInt() >> random.nextInt(32));
    r.put("large", random.nextLong() >> random.nextInt(64));
    r.put("single", (float) random.nextDouble());
    r.put("twice", Double.longBitsToDouble(random.nextLong()));
    r.put("text", "é\uD83D\uDE00".repeat(random.nextInt(40)));
    r.put("bytes", java.nio.ByteBuffer.wrap(new byte[random.nextInt(300)]));
    r.put("maybe", random.nextBoolean() ? null : "there");
    r.put("fixed", new GenericData.Fixed(EVERYTHING.getField("fixed").schema(), new byte[4]));
    r.put(
        "choice",
        new GenericData.EnumSymbol(
            EVERYTHING.getField("choice").schema(), List.of("A", "B", "C").get(random.nextInt(3))));
    List<String> list = new ArrayList<>();
    for (int i = random.nextInt(5); i > 0; i--) {
      list.add("item" + i);
    }
    r.put("list", list);
    r.put("map", random.nextBoolean() ? Map.of() : Map.of("a", 1L, "b", random.nextLong()));
    return r;
  }

  private static byte[] encode(GenericRecord record, boolean blocks) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    BinaryEncoder encoder =
        blocks
            ? new EncoderFactory().configureBlockSize(64).blockingBinaryEncoder(out, null)
            : EncoderFactory.get().binaryEncoder(out, null);
    new GenericDatumWriter<GenericRecord>(EVERYTHING).write(record, encoder);
    encoder.flush();
    return out.toByteArray();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void readsAndSkipsWhatAvroWritesJustAsAvroDoes(boolean blocks) throws IOException {
    SplittableRandom random = new SplittableRandom(7);
    for (int i = 0; i < 500; i++) {
      byte[] bytes = encode(random(random), blocks);
      for (Schema reader : List.of(EVERYTHING, LAST_FIELD_ONLY)) {
        GenericRecord expected =
            new GenericDatumReader<GenericRecord>(EVERYTHING, reader)
                .read(null, DecoderFactory.get().binaryDecoder(bytes, null));
        GenericRecord found =
            new GenericDatumReader<GenericRecord>(EVERYTHING, reader)
                .read(null, new BoundedDecoder(bytes, 0));
        assertThat(found).isEqualTo(expected);
      }
    }
  }

  @Test
  void endsWithAnExceptionOnEveryDamagedInput() throws IOException {
    SplittableRandom random = new SplittableRandom(8);
    byte[] whole = encode(random(random), false);
    int refused = 0;
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = whole.clone();
      for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
      }
      try {
        new GenericDatumReader<GenericRecord>(EVERYTHING).read(null, new BoundedDecoder(bytes, 0));
      } catch (IOException | RuntimeException e) {
        refused++;
      }
    }
    assertThat(refused).isBetween(1, 19_999);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", // nothing
        "01", // length -1
        "02", // one byte, none left
        "eeffffff0f", // 2^31 - 9 bytes
        "feffffffffffffffff01", // 2^63 - 1 bytes
        "ffffffffffffffffffff", // a number without an end
      })
  void refusesLengthsThatDoNotFit(String hex) {
    byte[] bytes = HexFormat.of().parseHex(hex);
    assertThatThrownBy(() -> new BoundedDecoder(bytes, 0).readString(null)).isNotNull();
    assertThatThrownBy(() -> new BoundedDecoder(bytes, 0).readString()).isNotNull();
    assertThatThrownBy(() -> new BoundedDecoder(bytes, 0).readBytes(null)).isNotNull();
    assertThatThrownBy(() -> new BoundedDecoder(bytes, 0).skipString()).isNotNull();
    assertThatThrownBy(() -> new BoundedDecoder(bytes, 0).readArrayStart()).isNotNull();
    assertThatThrownBy(() -> new BoundedDecoder(bytes, 0).skipMap()).isNotNull();
  }
}
