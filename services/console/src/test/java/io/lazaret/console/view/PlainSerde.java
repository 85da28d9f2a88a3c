package io.lazaret.console.view;

import io.lazaret.problem.ProblemException;
import io.lazaret.schemas.Lazaret;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.avro.Schema;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serializer;

/** Records without a registry: the length of the name, the name, Avro. */
public final class PlainSerde implements Serde<SpecificRecord> {

  @Override
  public Serializer<SpecificRecord> serializer() {
    return (topic, record) -> bytes(record);
  }

  public static byte[] bytes(SpecificRecord record) {
    try {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      byte[] name = record.getSchema().getFullName().getBytes();
      out.write(name.length);
      out.write(name);
      BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(out, null);
      new SpecificDatumWriter<SpecificRecord>(record.getSchema()).write(record, encoder);
      encoder.flush();
      return out.toByteArray();
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }

  @Override
  public Deserializer<SpecificRecord> deserializer() {
    return (topic, bytes) -> {
      try {
        Schema schema = Lazaret.PROTOCOL.getType(new String(bytes, 1, bytes[0]));
        return new SpecificDatumReader<SpecificRecord>(schema)
            .read(
                null,
                DecoderFactory.get()
                    .binaryDecoder(bytes, 1 + bytes[0], bytes.length - 1 - bytes[0], null));
      } catch (IOException | RuntimeException e) {
        throw ProblemException.of(
            "RECORD_UNDECODABLE", "It cannot be read.", "Look at the writer.");
      }
    };
  }
}
