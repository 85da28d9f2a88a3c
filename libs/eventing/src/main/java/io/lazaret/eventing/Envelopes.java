package io.lazaret.eventing;

import io.lazaret.schemas.Envelope;
import io.lazaret.schemas.Ids;
import io.lazaret.schemas.Job;
import io.lazaret.schemas.Producer;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.function.Supplier;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecord;

/** Makes and reads the envelope that every event and command carries. */
public final class Envelopes {

  private final Producer producer;
  private final Clock clock;
  private final Supplier<String> traceparent;

  /** Of a program that traces nothing. */
  public Envelopes(Producer producer, Clock clock) {
    this(producer, clock, () -> null);
  }

  /**
   * @param producer the program that writes
   * @param clock source of {@code occurredAt}, which is kept to the millisecond
   * @param traceparent the W3C trace context of the thread that asks; null where it has none
   */
  public Envelopes(Producer producer, Clock clock, Supplier<String> traceparent) {
    this.producer = producer;
    this.clock = clock;
    this.traceparent = traceparent;
  }

  /** The envelope of a record that nothing in the platform caused, such as an ingested model. */
  public Envelope first(String eventId, String type, String screeningId, String modelName) {
    return Envelope.newBuilder()
        .setEventId(eventId)
        .setType(type)
        .setScreeningId(screeningId)
        .setModelName(modelName)
        .setOccurredAt(clock.instant().truncatedTo(ChronoUnit.MILLIS))
        .setCorrelationId(screeningId)
        .setTraceparent(traceparent.get())
        .setProducer(producer)
        .build();
  }

  /** The envelope of what a job ends in: eventId = hash(jobId, type), caused by the command. */
  public Envelope result(Envelope command, Job job, String type) {
    return Envelope.newBuilder()
        .setEventId(Ids.jobEvent(job.getJobId(), type))
        .setType(type)
        .setScreeningId(command.getScreeningId())
        .setModelName(command.getModelName())
        .setOccurredAt(clock.instant().truncatedTo(ChronoUnit.MILLIS))
        .setCausationId(command.getEventId())
        .setCorrelationId(command.getCorrelationId())
        .setTraceparent(command.getTraceparent())
        .setProducer(producer)
        .build();
  }

  /**
   * The envelope of a record.
   *
   * @throws IllegalArgumentException when records of its type carry none
   */
  public static Envelope of(SpecificRecord record) {
    return (Envelope) field(record, "envelope");
  }

  /**
   * The job of a command or of a stage's result.
   *
   * @throws IllegalArgumentException when records of its type carry none
   */
  public static Job jobOf(SpecificRecord record) {
    return (Job) field(record, "job");
  }

  private static Object field(SpecificRecord record, String name) {
    Schema.Field field = record.getSchema().getField(name);
    if (field == null) {
      throw new IllegalArgumentException(record.getSchema().getName() + " carries no " + name);
    }
    return record.get(field.pos());
  }
}
