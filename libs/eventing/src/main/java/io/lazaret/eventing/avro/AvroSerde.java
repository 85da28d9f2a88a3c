package io.lazaret.eventing.avro;

import java.util.Map;
import org.apache.avro.generic.IndexedRecord;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.common.utils.Utils;

/**
 * {@link AvroSerializer} and {@link AvroDeserializer} together.
 *
 * <p>A topic may carry several record types; {@code new AvroSerde<SpecificRecord>(registry)} reads
 * and writes all of them.
 */
public final class AvroSerde<T extends IndexedRecord> implements Serde<T> {

  private final AvroSerializer<T> serializer;
  private final AvroDeserializer<T> deserializer;

  /** To be configured by Kafka. */
  public AvroSerde() {
    serializer = new AvroSerializer<>();
    deserializer = new AvroDeserializer<>();
  }

  /** Ready to use. */
  public AvroSerde(RegistryClient registry) {
    serializer = new AvroSerializer<>(registry);
    deserializer = new AvroDeserializer<>(registry);
  }

  /**
   * The serde that {@code value.serializer} and {@code value.deserializer} name, configured with
   * the same properties; without them this class. So another implementation of the same wire format
   * takes its place by configuration alone.
   *
   * @throws org.apache.kafka.common.KafkaException when a class named there cannot be made
   */
  @SuppressWarnings("unchecked")
  public static Serde<SpecificRecord> configured(Map<String, ?> properties) {
    Object serializer = properties.get("value.serializer");
    Object deserializer = properties.get("value.deserializer");
    Serde<SpecificRecord> serde = new AvroSerde<>();
    if (serializer != null || deserializer != null) {
      serde =
          Serdes.serdeFrom(
              serializer == null ? serde.serializer() : make(serializer, Serializer.class),
              deserializer == null ? serde.deserializer() : make(deserializer, Deserializer.class));
    }
    serde.configure(properties, false);
    return serde;
  }

  private static <C> C make(Object name, Class<C> type) {
    try {
      return name instanceof Class<?> c
          ? type.cast(Utils.newInstance(c))
          : Utils.newInstance(name.toString(), type);
    } catch (ClassNotFoundException e) {
      throw new org.apache.kafka.common.KafkaException(name + " is not on the class path", e);
    }
  }

  @Override
  public void configure(Map<String, ?> properties, boolean isKey) {
    serializer.configure(properties, isKey);
    deserializer.configure(properties, isKey);
  }

  @Override
  public Serializer<T> serializer() {
    return serializer;
  }

  @Override
  public Deserializer<T> deserializer() {
    return deserializer;
  }
}
