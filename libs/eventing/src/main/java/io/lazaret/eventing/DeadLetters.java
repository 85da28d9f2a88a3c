package io.lazaret.eventing;

import io.lazaret.problem.Problem;
import io.lazaret.problem.ProblemException;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;

/** Records that nobody can read, kept byte for byte with the reason in their headers. */
public final class DeadLetters {

  public static final String CODE = "lazaret.dlq.code";
  public static final String REASON = "lazaret.dlq.reason";
  public static final String READER = "lazaret.dlq.reader";
  public static final String TOPIC = "lazaret.dlq.topic";
  public static final String PARTITION = "lazaret.dlq.partition";
  public static final String OFFSET = "lazaret.dlq.offset";
  public static final String TIMESTAMP = "lazaret.dlq.timestamp";

  /** Reasons quote foreign bytes; no header grows beyond this. */
  private static final int MAX_REASON_CHARS = 2_000;

  private DeadLetters() {}

  /**
   * The dead letter of a record: same key, value and headers, and the headers above.
   *
   * @param reader who could not read it, e.g. a group or application id
   */
  public static ProducerRecord<byte[], byte[]> of(
      ConsumerRecord<byte[], byte[]> record, String reader, Problem problem) {
    RecordHeaders headers = new RecordHeaders(record.headers().toArray());
    put(headers, CODE, problem.code());
    String reason = problem.sentence();
    put(headers, REASON, reason.substring(0, Math.min(reason.length(), MAX_REASON_CHARS)));
    put(headers, READER, reader);
    put(headers, TOPIC, record.topic());
    put(headers, PARTITION, String.valueOf(record.partition()));
    put(headers, OFFSET, String.valueOf(record.offset()));
    put(headers, TIMESTAMP, String.valueOf(record.timestamp()));
    return new ProducerRecord<>(
        Topics.deadLetters(record.topic()), null, record.key(), record.value(), headers);
  }

  /** The problem in an exception or its causes, or UNREADABLE_RECORD with the exception's text. */
  public static Problem problemIn(Throwable error) {
    for (Throwable e = error; e != null; e = e.getCause()) {
      if (e instanceof ProblemException problem) {
        return problem.problem();
      }
    }
    return Problem.of(
        "UNREADABLE_RECORD", String.valueOf(error), "Look at the writer of the record.");
  }

  private static void put(RecordHeaders headers, String name, String value) {
    headers.add(name, value.getBytes(StandardCharsets.UTF_8));
  }
}
