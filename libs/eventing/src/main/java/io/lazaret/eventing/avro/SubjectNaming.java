package io.lazaret.eventing.avro;

import org.apache.avro.Schema;

/**
 * Which subject a schema is registered under, as Confluent's {@code value.subject.name.strategy}.
 */
public enum SubjectNaming {
  /** The record's full name: one topic may carry several types. The default here. */
  RecordNameStrategy,
  /** {@code <topic>-key} or {@code <topic>-value}. */
  TopicNameStrategy,
  /** {@code <topic>-<full name>}. */
  TopicRecordNameStrategy;

  /** Reads the short name or a class name such as Confluent's. */
  static SubjectNaming parse(String value) {
    String simple = value.substring(value.lastIndexOf('.') + 1);
    for (SubjectNaming each : values()) {
      if (each.name().equals(simple)) {
        return each;
      }
    }
    throw new IllegalArgumentException(
        "unknown subject name strategy '"
            + value
            + "'; one of RecordNameStrategy,"
            + " TopicNameStrategy, TopicRecordNameStrategy");
  }

  String subject(String topic, boolean key, Schema schema) {
    return switch (this) {
      case RecordNameStrategy -> schema.getFullName();
      case TopicNameStrategy -> topic + (key ? "-key" : "-value");
      case TopicRecordNameStrategy -> topic + "-" + schema.getFullName();
    };
  }
}
