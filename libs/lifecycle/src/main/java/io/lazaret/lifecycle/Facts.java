package io.lazaret.lifecycle;

import io.lazaret.schemas.Envelope;
import io.lazaret.schemas.Job;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecord;

/** What all events and commands share, read and replaced without knowing their kind. */
final class Facts {

  private Facts() {}

  static Envelope envelope(SpecificRecord record) {
    return (Envelope) field(record, "envelope");
  }

  /** The job that a stage result reports on; null for all other records. */
  static Job job(SpecificRecord record) {
    return (Job) field(record, "job");
  }

  static String type(SpecificRecord record) {
    return record.getSchema().getName();
  }

  /** A deep copy at its place in a history. */
  static SpecificRecord at(long sequence, SpecificRecord record) {
    SpecificRecord copy = SpecificData.get().deepCopy(record.getSchema(), record);
    envelope(copy).setSequence(sequence);
    return copy;
  }

  private static Object field(SpecificRecord record, String name) {
    Schema.Field field = record.getSchema().getField(name);
    return field == null ? null : record.get(field.pos());
  }
}
