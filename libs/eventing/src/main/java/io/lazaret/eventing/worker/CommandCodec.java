package io.lazaret.eventing.worker;

import io.lazaret.eventing.DeadLetters;
import io.lazaret.eventing.Envelopes;
import io.lazaret.eventing.KafkaProblems;
import io.lazaret.eventing.Topics;
import io.lazaret.problem.Problem;
import io.lazaret.problem.ProblemException;
import java.nio.charset.StandardCharsets;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.Serde;

/** Bytes into commands, results into bytes; what may pass is told from what never will. */
final class CommandCodec<C extends SpecificRecord> {

  private final Class<C> commandType;
  private final Serde<SpecificRecord> values;
  private final int maxResultBytes;

  CommandCodec(Class<C> commandType, Serde<SpecificRecord> values, int maxResultBytes) {
    this.commandType = commandType;
    this.values = values;
    this.maxResultBytes = maxResultBytes;
  }

  /**
   * The command in a record.
   *
   * @throws ProblemException retryable while the registry does not answer, otherwise why the record
   *     can never be read
   */
  C decode(ConsumerRecord<byte[], byte[]> record) {
    SpecificRecord value;
    try {
      value = values.deserializer().deserialize(record.topic(), record.value());
    } catch (KafkaException e) {
      throw KafkaProblems.passing(e)
          ? waiting(e)
          : new ProblemException(DeadLetters.problemIn(e), e);
    }
    if (!commandType.isInstance(value)) {
      throw ProblemException.of(
          "UNEXPECTED_RECORD_TYPE",
          record.topic()
              + " carries "
              + commandType.getSimpleName()
              + ", found "
              + (value == null ? "a record without value" : value.getSchema().getFullName()),
          "Look at the writer of the record.");
    }
    return commandType.cast(value);
  }

  /**
   * The record for the inbox that a job has led to; a StageFailed when its result cannot be
   * written.
   *
   * @throws ProblemException retryable while the registry does not answer
   */
  ProducerRecord<byte[], byte[]> encode(RunningJob<C> running) {
    SpecificRecord result = running.result();
    byte[] bytes;
    try {
      bytes = values.serializer().serialize(Topics.INBOX, result);
    } catch (KafkaException e) {
      if (KafkaProblems.passing(e)) {
        throw waiting(e);
      }
      bytes = failure(running, "INVALID_RESULT", e.getMessage());
    }
    if (bytes.length > maxResultBytes) {
      bytes =
          failure(
              running,
              "RESULT_TOO_LARGE",
              result.getSchema().getName()
                  + (" has " + bytes.length + " bytes, more than " + maxResultBytes));
    }
    String key = Envelopes.of(running.command()).getModelName();
    return new ProducerRecord<>(Topics.INBOX, key.getBytes(StandardCharsets.UTF_8), bytes);
  }

  private byte[] failure(RunningJob<C> running, String code, String sentence) {
    Problem problem = Problem.of(code, sentence, "Report it with the log of the worker.");
    return values.serializer().serialize(Topics.INBOX, running.failed(problem));
  }

  private static ProblemException waiting(KafkaException cause) {
    return new ProblemException(
        Problem.passing(
            "REGISTRY_UNAVAILABLE", String.valueOf(cause.getMessage()), "It is tried again."),
        cause);
  }
}
