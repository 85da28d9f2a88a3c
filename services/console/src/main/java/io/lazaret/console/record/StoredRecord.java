package io.lazaret.console.record;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * A record as it stands in the log.
 *
 * @param place where
 * @param timestamp of the record, milliseconds since 1970
 * @param key as text
 * @param value the bytes as written; empty for none
 */
public record StoredRecord(Place place, long timestamp, String key, byte[] value) {

  /** Longest key that is kept, bytes; names of models are shorter. */
  private static final int LONGEST_KEY = 1_024;

  byte[] bytes() {
    byte[] text = key.getBytes(StandardCharsets.UTF_8);
    int kept = Math.min(text.length, LONGEST_KEY);
    return ByteBuffer.allocate(Long.BYTES + Short.BYTES + kept + value.length)
        .putLong(timestamp)
        .putShort((short) kept)
        .put(text, 0, kept)
        .put(value)
        .array();
  }

  static StoredRecord of(Place place, byte[] bytes) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    long timestamp = buffer.getLong();
    byte[] key = new byte[buffer.getShort()];
    buffer.get(key);
    byte[] value = new byte[buffer.remaining()];
    buffer.get(value);
    return new StoredRecord(place, timestamp, new String(key, StandardCharsets.UTF_8), value);
  }
}
