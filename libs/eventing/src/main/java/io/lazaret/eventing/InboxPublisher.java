package io.lazaret.eventing;

import io.lazaret.problem.Problem;
import io.lazaret.problem.ProblemException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Puts records that are not results of stages into the inbox: ingested models, requests of people.
 * Thread-safe. Acknowledged by all in-sync replicas and idempotent; a record published twice by the
 * caller carries the same derived eventId, which orchestration recognises.
 */
public final class InboxPublisher implements AutoCloseable {

  /** How long a record may take until it is acknowledged, retries included. */
  public static final Duration DELIVERY_TIMEOUT = Duration.ofSeconds(30);

  private final KafkaSettings kafka;
  private final KafkaProducer<String, SpecificRecord> producer;

  public InboxPublisher(KafkaSettings kafka, Serde<SpecificRecord> values) {
    this.kafka = kafka;
    int delivery = (int) DELIVERY_TIMEOUT.toMillis();
    Map<String, Object> fixed =
        Map.of(
            "acks",
            "all",
            "enable.idempotence",
            true,
            "linger.ms",
            0,
            "max.block.ms",
            delivery,
            "request.timeout.ms",
            delivery / 2,
            "delivery.timeout.ms",
            delivery);
    this.producer =
        new KafkaProducer<>(
            kafka.client(Map.of("client.id", "lazaret-inbox-publisher"), fixed),
            new StringSerializer(),
            values.serializer());
  }

  /**
   * Returns when the record is stored.
   *
   * @throws ProblemException KAFKA_UNAVAILABLE (passing) when it is not known to be stored, then
   *     publishing the same record again is safe; RECORD_REFUSED when it never will be
   */
  public void publish(SpecificRecord record) {
    try {
      producer
          .send(new ProducerRecord<>(Topics.INBOX, Envelopes.of(record).getModelName(), record))
          .get();
    } catch (ExecutionException e) {
      throw refused(record, e.getCause());
    } catch (InterruptedException e) {
      throw KafkaProblems.interrupted(e);
    } catch (ProblemException e) {
      throw e;
    } catch (org.apache.kafka.common.KafkaException e) {
      throw refused(record, e);
    }
  }

  private ProblemException refused(SpecificRecord record, Throwable cause) {
    if (KafkaProblems.passing(cause)) {
      return KafkaProblems.unavailable(kafka.bootstrapServers(), cause);
    }
    return new ProblemException(
        Problem.of(
            "RECORD_REFUSED",
            record.getSchema().getName()
                + " was refused by "
                + Topics.INBOX
                + ": "
                + cause.getMessage(),
            "Check the size of the input, the rights of the client and that the topics exist."),
        cause);
  }

  @Override
  public void close() {
    producer.close(DELIVERY_TIMEOUT);
  }
}
