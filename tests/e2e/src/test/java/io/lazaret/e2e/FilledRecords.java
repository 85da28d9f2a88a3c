package io.lazaret.e2e;

import io.lazaret.eventing.Envelopes;
import io.lazaret.lifecycle.policy.Policy;
import io.lazaret.schemas.Envelope;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecord;

/**
 * Records of any type with every field filled: all texts are one given text, so that a page that
 * shows any of them shows that one.
 */
final class FilledRecords {

  private static final int HITS = 2;
  private static final double HALF = 0.5;

  private final String text;
  private final Instant now;

  FilledRecords(String text, Instant now) {
    this.text = text;
    this.now = now;
  }

  /** A record of the type, in place {@code sequence} of a history. */
  <R extends SpecificRecord> R of(Class<R> type, String history, String model, long sequence) {
    Schema schema = SpecificData.get().getSchema(type);
    R record = type.cast(value(schema));
    Envelope envelope = Envelopes.of(record);
    envelope.setEventId(history + "-" + sequence + "-" + type.getSimpleName());
    envelope.setType(type.getSimpleName());
    envelope.setScreeningId(history);
    envelope.setModelName(model);
    envelope.setSequence(sequence);
    envelope.setOccurredAt(now.plusMillis(sequence));
    envelope.setPredecessor("");
    return record;
  }

  /** A value of any schema. */
  Object value(Schema schema) {
    return switch (schema.getType()) {
      case RECORD -> filled(schema);
      case ENUM -> constant(schema);
      case ARRAY -> new ArrayList<>(List.of(value(schema.getElementType())));
      case UNION -> value(schema.getTypes().get(schema.getTypes().size() - 1));
      case STRING -> text;
      case INT -> HITS;
      case LONG -> schema.getLogicalType() == null ? (Object) (long) HITS : now;
      case DOUBLE -> HALF;
      case BOOLEAN -> false;
      default -> throw new IllegalArgumentException("no value for " + schema);
    };
  }

  private SpecificRecord filled(Schema schema) {
    SpecificRecord record = (SpecificRecord) SpecificData.get().newRecord(null, schema);
    for (Schema.Field field : schema.getFields()) {
      boolean policy = schema.getName().equals("ScreeningInputs") && field.name().equals("policy");
      record.put(field.pos(), policy ? Policy.standard().canonicalJson() : value(field.schema()));
    }
    return record;
  }

  private static Object constant(Schema schema) {
    Class<?> type = SpecificData.get().getClass(schema);
    return type.getEnumConstants()[0];
  }
}
