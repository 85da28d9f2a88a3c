package io.lazaret.eventing.streams;

import io.lazaret.eventing.DeadLetters;
import io.lazaret.eventing.KafkaProblems;
import io.lazaret.problem.Problem;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.streams.errors.DeserializationExceptionHandler;
import org.apache.kafka.streams.errors.ErrorHandlerContext;
import org.apache.kafka.streams.errors.ProcessingExceptionHandler;
import org.apache.kafka.streams.processor.api.Record;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Buries records that cannot be read, or that make a processor throw, and goes on with the next
 * one. What a registry or broker that does not answer causes is not the record's fault: then the
 * thread fails and is replaced. A processor must decide before it writes, because what it wrote
 * before it threw stays.
 */
public final class DeadLetterHandler
    implements DeserializationExceptionHandler, ProcessingExceptionHandler {

  /** Key of the {@link DeadLetterSink} in the properties. */
  static final String SINK = "lazaret.dead.letter.sink";

  private static final Logger LOG = LoggerFactory.getLogger(DeadLetterHandler.class);

  private DeadLetterSink sink;
  private String reader;

  @Override
  public void configure(Map<String, ?> properties) {
    sink = (DeadLetterSink) properties.get(SINK);
    reader = String.valueOf(properties.get("application.id"));
  }

  @Override
  public DeserializationHandlerResponse handle(
      ErrorHandlerContext context, ConsumerRecord<byte[], byte[]> record, Exception error) {
    if (KafkaProblems.passing(error)) {
      return DeserializationHandlerResponse.FAIL;
    }
    bury(record, DeadLetters.problemIn(error), error);
    return DeserializationHandlerResponse.CONTINUE;
  }

  @Override
  public ProcessingHandlerResponse handle(
      ErrorHandlerContext context, Record<?, ?> record, Exception error) {
    boolean infrastructure = KafkaProblems.passing(error) || error instanceof KafkaException;
    if (infrastructure || context.topic() == null || context.sourceRawValue() == null) {
      return ProcessingHandlerResponse.FAIL;
    }
    ConsumerRecord<byte[], byte[]> source =
        new ConsumerRecord<>(
            context.topic(),
            context.partition(),
            context.offset(),
            context.timestamp(),
            TimestampType.CREATE_TIME,
            -1,
            -1,
            context.sourceRawKey(),
            context.sourceRawValue(),
            context.headers() == null ? new RecordHeaders() : context.headers(),
            Optional.empty());
    bury(
        source,
        Problem.of(
            "PROCESSING_FAILED",
            context.processorNodeId() + " failed on the record: " + error,
            "Report it with the log; replay the record when it is repaired."),
        error);
    return ProcessingHandlerResponse.CONTINUE;
  }

  private void bury(ConsumerRecord<byte[], byte[]> record, Problem problem, Exception error) {
    LOG.error(
        "{}: {}-{}@{} goes to the dead letters: {}",
        reader,
        record.topic(),
        record.partition(),
        record.offset(),
        problem.sentence(),
        error);
    sink.put(DeadLetters.of(record, reader, problem));
  }
}
