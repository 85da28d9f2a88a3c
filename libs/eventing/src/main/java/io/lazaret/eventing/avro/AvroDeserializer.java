package io.lazaret.eventing.avro;

import io.lazaret.problem.Problem;
import io.lazaret.problem.ProblemException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.IndexedRecord;
import org.apache.avro.io.DatumReader;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;

/**
 * Reads Confluent's wire format; older and newer versions of a record are read as the version that
 * this program knows.
 *
 * <p>Properties, by Confluent's names: those of {@link RegistrySettings}; {@code
 * specific.avro.reader} (default true here; false gives GenericRecord as it was written).
 *
 * <p>Throws SerializationException for bytes that can never be read, its cause a {@link
 * ProblemException} that names the rule (NOT_WIRE_FORMAT, SCHEMA_UNKNOWN, SCHEMA_UNREADABLE,
 * UNKNOWN_RECORD_TYPE, RECORD_UNDECODABLE), and a retryable ProblemException when the registry does
 * not answer.
 */
public final class AvroDeserializer<T extends IndexedRecord> implements Deserializer<T> {

  private final Map<Integer, DatumReader<T>> readers = new ConcurrentHashMap<>();
  private RegistryClient registry;
  private boolean specific = true;

  /** To be configured by Kafka. */
  public AvroDeserializer() {}

  /** Ready to use with the defaults above. */
  public AvroDeserializer(RegistryClient registry) {
    this.registry = registry;
  }

  @Override
  public void configure(Map<String, ?> properties, boolean isKey) {
    if (registry == null) {
      registry = new RegistryClient(RegistrySettings.from(properties));
    }
    Object reader = properties.get("specific.avro.reader");
    specific = reader == null || Boolean.parseBoolean(reader.toString());
  }

  @Override
  public T deserialize(String topic, byte[] bytes) {
    if (bytes == null) {
      return null;
    }
    try {
      if (bytes.length < AvroSerializer.HEADER_BYTES || bytes[0] != AvroSerializer.MAGIC) {
        throw unreadable(
            "NOT_WIRE_FORMAT",
            bytes.length < AvroSerializer.HEADER_BYTES
                ? "a record of " + bytes.length + " bytes is shorter than the 5-byte header"
                : "the first byte is " + bytes[0] + ", not 0");
      }
      int id = ByteBuffer.wrap(bytes, 1, Integer.BYTES).getInt();
      DatumReader<T> reader = readers.get(id);
      if (reader == null) {
        reader = reader(registry.schema(id));
        readers.put(id, reader);
      }
      return decode(reader, id, bytes);
    } catch (ProblemException e) {
      if (e.problem().retryable()) {
        throw e;
      }
      throw new SerializationException(topic + ": " + e.problem().sentence(), e);
    }
  }

  private static <T> T decode(DatumReader<T> reader, int id, byte[] bytes) {
    try {
      return reader.read(null, new BoundedDecoder(bytes, AvroSerializer.HEADER_BYTES));
    } catch (IOException | RuntimeException e) {
      // Malformed bytes surface as almost any runtime exception of the decoder.
      throw new ProblemException(
          Problem.of(
              "RECORD_UNDECODABLE",
              "the bytes do not match schema id " + id + ": " + e,
              "Look at the writer of the record."),
          e);
    }
  }

  private DatumReader<T> reader(Schema writer) {
    if (!specific) {
      return new GenericDatumReader<>(writer, writer);
    }
    Class<?> type = SpecificData.get().getClass(writer);
    if (type == null || !SpecificRecord.class.isAssignableFrom(type)) {
      throw unreadable("UNKNOWN_RECORD_TYPE", writer.getFullName() + " is no record known here");
    }
    try {
      return new SpecificDatumReader<>(writer, SpecificData.get().getSchema(type));
    } catch (AvroRuntimeException e) {
      throw unreadable("UNKNOWN_RECORD_TYPE", writer.getFullName() + ": " + e.getMessage());
    }
  }

  private static ProblemException unreadable(String code, String sentence) {
    return ProblemException.of(code, sentence, "Look at the writer of the record.");
  }
}
