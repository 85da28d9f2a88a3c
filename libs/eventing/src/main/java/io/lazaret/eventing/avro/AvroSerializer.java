package io.lazaret.eventing.avro;

import io.lazaret.problem.ProblemException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.IndexedRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DatumWriter;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Serializer;

/**
 * Writes Confluent's wire format: magic byte 0, schema id (4 bytes, big endian), Avro binary.
 *
 * <p>Properties, by Confluent's names: those of {@link RegistrySettings}; {@code
 * auto.register.schemas} (default false here: schemas are registered at start-up, see {@link
 * SchemaRegistration}); {@code value.subject.name.strategy} and {@code key.subject.name.strategy}
 * (default RecordNameStrategy here).
 *
 * <p>Throws SerializationException for a record that can never be written, and a retryable {@link
 * ProblemException} when the registry does not answer.
 */
public final class AvroSerializer<T extends IndexedRecord> implements Serializer<T> {

  static final byte MAGIC = 0;
  static final int HEADER_BYTES = 1 + Integer.BYTES;

  /** Of one kind of record on one topic. */
  private record Wire<T>(int schemaId, DatumWriter<T> writer) {}

  private record Kind(String topic, Schema schema) {}

  private final Map<Kind, Wire<T>> wires = new ConcurrentHashMap<>();
  private RegistryClient registry;
  private SubjectNaming naming = SubjectNaming.RecordNameStrategy;
  private boolean register;
  private boolean key;

  /** To be configured by Kafka. */
  public AvroSerializer() {}

  /** Ready to use with the defaults above, for values. */
  public AvroSerializer(RegistryClient registry) {
    this.registry = registry;
  }

  @Override
  public void configure(Map<String, ?> properties, boolean isKey) {
    key = isKey;
    if (registry == null) {
      registry = new RegistryClient(RegistrySettings.from(properties));
    }
    Object auto = properties.get("auto.register.schemas");
    register = auto != null && Boolean.parseBoolean(auto.toString());
    Object strategy = properties.get((isKey ? "key" : "value") + ".subject.name.strategy");
    if (strategy != null) {
      naming =
          SubjectNaming.parse(strategy instanceof Class<?> c ? c.getName() : strategy.toString());
    }
  }

  @Override
  public byte[] serialize(String topic, T record) {
    if (record == null) {
      return null;
    }
    Schema schema = record.getSchema();
    Wire<T> wire = wire(topic, schema, record);
    ByteArrayOutputStream out = new ByteArrayOutputStream(1024);
    out.writeBytes(ByteBuffer.allocate(HEADER_BYTES).put(MAGIC).putInt(wire.schemaId()).array());
    BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(out, null);
    try {
      wire.writer().write(record, encoder);
      encoder.flush();
    } catch (IOException | AvroRuntimeException | NullPointerException | ClassCastException e) {
      // Avro reports a missing or mistyped field by any of these.
      throw new SerializationException(
          "a " + schema.getFullName() + " for " + topic + " breaks its schema: " + e.getMessage(),
          e);
    }
    return out.toByteArray();
  }

  private Wire<T> wire(String topic, Schema schema, T record) {
    Kind kind = new Kind(topic, schema);
    Wire<T> known = wires.get(kind);
    if (known == null) {
      known = new Wire<>(schemaId(topic, schema), writer(schema, record));
      wires.put(kind, known);
    }
    return known;
  }

  private int schemaId(String topic, Schema schema) {
    String subject = naming.subject(topic, key, schema);
    try {
      return register ? registry.register(subject, schema) : registry.lookup(subject, schema);
    } catch (ProblemException e) {
      if (e.problem().retryable()) {
        throw e;
      }
      throw new SerializationException(e.getMessage(), e);
    }
  }

  private DatumWriter<T> writer(Schema schema, T record) {
    return record instanceof SpecificRecord
        ? new SpecificDatumWriter<>(schema)
        : new GenericDatumWriter<>(schema);
  }
}
