package io.lazaret.console.stream;

/**
 * One message for everybody who listens, rendered once.
 *
 * @param name event, progress or channel
 * @param id how far the record has been read with it; null where there is nothing to resume from
 * @param partition of an event in the record; -1 for everything else
 * @param offset of an event in the record
 * @param topics what filters ask about
 * @param data JSON
 */
record Message(String name, String id, int partition, long offset, Subject topics, String data) {

  /** What filters ask about; empty where a message has no such thing. */
  record Subject(String model, String screening, String type, String stage) {}
}
