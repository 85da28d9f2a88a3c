package io.lazaret.console.rest;

import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lazaret.lifecycle.history.EventJson;
import org.apache.avro.generic.IndexedRecord;

/** Avro records as plain JSON for readers: numbers that are not finite are null. */
public final class AvroJson {

  private AvroJson() {}

  /** The record by the names of its fields. */
  public static ObjectNode of(IndexedRecord record) {
    return EventJson.plain(record, notFinite -> NullNode.getInstance());
  }
}
