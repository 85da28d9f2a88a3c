package io.lazaret.eventing.streams;

import io.lazaret.eventing.KafkaProblems;
import io.lazaret.eventing.KafkaSettings;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Where the applications of a runner put dead letters: outside their transactions, so that one may
 * appear twice after a crash but is never lost. Connects when the first one comes.
 */
final class DeadLetterSink implements AutoCloseable {

  private static final Duration DELIVERY_TIMEOUT = Duration.ofSeconds(20);

  private final KafkaSettings kafka;
  private KafkaProducer<byte[], byte[]> producer;

  DeadLetterSink(KafkaSettings kafka) {
    this.kafka = kafka;
  }

  /** Returns when the record is stored. */
  synchronized void put(ProducerRecord<byte[], byte[]> letter) {
    if (producer == null) {
      int delivery = (int) DELIVERY_TIMEOUT.toMillis();
      Map<String, Object> fixed =
          Map.of(
              "client.id",
              "lazaret-dead-letters",
              "acks",
              "all",
              "max.block.ms",
              delivery,
              "request.timeout.ms",
              delivery / 2,
              "linger.ms",
              0,
              "delivery.timeout.ms",
              delivery);
      producer =
          new KafkaProducer<>(
              kafka.client(Map.of(), fixed), new ByteArraySerializer(), new ByteArraySerializer());
    }
    try {
      producer.send(letter).get();
    } catch (ExecutionException e) {
      throw KafkaProblems.unavailable(kafka.bootstrapServers(), e.getCause());
    } catch (InterruptedException e) {
      throw KafkaProblems.interrupted(e);
    }
  }

  @Override
  public synchronized void close() {
    if (producer != null) {
      producer.close(Duration.ofSeconds(2));
    }
  }
}
