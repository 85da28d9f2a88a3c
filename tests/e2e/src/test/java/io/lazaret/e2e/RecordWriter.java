package io.lazaret.e2e;

import io.lazaret.eventing.Envelopes;
import io.lazaret.eventing.KafkaSettings;
import io.lazaret.eventing.Topics;
import io.lazaret.eventing.avro.AvroSerde;
import io.lazaret.eventing.avro.RegistryClient;
import io.lazaret.eventing.avro.RegistrySettings;
import io.lazaret.schemas.ChannelState;
import io.lazaret.schemas.StageProgress;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Writes records as the services would, for pages that need more of them than a test can wait for.
 */
final class RecordWriter implements AutoCloseable {

  private final AvroSerde<SpecificRecord> values;
  private final KafkaProducer<String, byte[]> producer;

  RecordWriter(String bootstrap, String registry) {
    values = new AvroSerde<>(new RegistryClient(RegistrySettings.of(registry)));
    producer =
        new KafkaProducer<>(
            KafkaSettings.of(bootstrap)
                .client(Map.of("linger.ms", 0, "client.id", "e2e"), Map.of("acks", "all")),
            new StringSerializer(),
            new ByteArraySerializer());
  }

  /** Onto the topic that the record belongs to. */
  void write(SpecificRecord record) {
    write(Topics.of(record), record);
  }

  void write(String topic, SpecificRecord record) {
    String key =
        record instanceof StageProgress progress
            ? progress.getModelName()
            : record instanceof ChannelState state
                ? state.getEnvelope().getModelName() + "/" + state.getChannel()
                : Envelopes.of(record).getModelName();
    producer.send(new ProducerRecord<>(topic, key, values.serializer().serialize(topic, record)));
  }

  /** Bytes that no reader understands. */
  void writeRaw(String topic, String key, byte[] value) {
    producer.send(new ProducerRecord<>(topic, key, value));
  }

  void flush() {
    producer.flush();
  }

  @Override
  public void close() {
    producer.close();
  }
}
