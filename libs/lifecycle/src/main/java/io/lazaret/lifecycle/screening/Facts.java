package io.lazaret.lifecycle.screening;

import io.lazaret.schemas.Envelope;
import io.lazaret.schemas.Job;
import io.lazaret.schemas.Request;
import io.lazaret.schemas.Verdict;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecord;

/** What all events and commands share, read and replaced without knowing their kind. */
public final class Facts {

  private Facts() {}

  public static Envelope envelope(SpecificRecord record) {
    return (Envelope) field(record, "envelope");
  }

  /** The job that a stage result reports on; null for all other records. */
  public static Job job(SpecificRecord record) {
    return (Job) field(record, "job");
  }

  /** What a person asks for; null for all other records. */
  public static Request request(SpecificRecord record) {
    return (Request) field(record, "request");
  }

  public static String type(SpecificRecord record) {
    return record.getSchema().getName();
  }

  /** A copy at its place in the history that it names, linked to the event before it. */
  public static SpecificRecord at(Position place, SpecificRecord record) {
    String history = envelope(record).getScreeningId();
    return placed(record, history, place.next(), place.link(history));
  }

  /** A copy at a place of a history. What it holds is shared with the record: nobody changes it. */
  public static SpecificRecord placed(
      SpecificRecord record, String history, long sequence, String predecessor) {
    SpecificRecord copy = copy(record);
    Envelope from = envelope(record);
    copy.put(
        record.getSchema().getField("envelope").pos(),
        new Envelope(
            from.getEventId(),
            from.getType(),
            history,
            from.getModelName(),
            sequence,
            from.getOccurredAt(),
            from.getCausationId(),
            from.getCorrelationId(),
            from.getTraceparent(),
            from.getProducer(),
            predecessor));
    return copy;
  }

  /**
   * A record with the same content, to be changed before anybody else sees it. What it holds is
   * shared with the original, where Avro's builders copy all of it, as deep as it goes.
   */
  public static <T extends SpecificRecord> T copy(T record) {
    Schema schema = record.getSchema();
    @SuppressWarnings("unchecked")
    T copy = (T) SpecificData.get().newRecord(null, schema);
    for (int field = 0; field < schema.getFields().size(); field++) {
      copy.put(field, record.get(field));
    }
    return copy;
  }

  /** The verdict that an event tells; null for events that tell none. */
  public static Verdict verdict(SpecificRecord event) {
    return (Verdict) field(event, "verdict");
  }

  private static Object field(SpecificRecord record, String name) {
    Schema.Field field = record.getSchema().getField(name);
    return field == null ? null : record.get(field.pos());
  }
}
