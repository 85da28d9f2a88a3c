package io.lazaret.eventing.avro;

/** What a new version of a schema must be able to do; names as in Confluent's protocol. */
public enum CompatibilityLevel {
  NONE,
  BACKWARD,
  BACKWARD_TRANSITIVE,
  FORWARD,
  FORWARD_TRANSITIVE,
  FULL,
  FULL_TRANSITIVE
}
