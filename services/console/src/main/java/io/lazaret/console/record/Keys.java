package io.lazaret.console.record;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/** Keys of the indexes: names of any length become the first bytes of their hash. */
final class Keys {

  static final int HASH_BYTES = 16;

  private Keys() {}

  static byte[] hash(String name) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(name.getBytes(StandardCharsets.UTF_8));
      return Arrays.copyOf(hash, HASH_BYTES);
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  /** An event of a history, in sequence. */
  static byte[] history(String history, long sequence) {
    return ByteBuffer.allocate(HASH_BYTES + Long.BYTES)
        .put(hash(history))
        .putLong(sequence)
        .array();
  }

  /** A record of a model, in time. */
  static byte[] timeline(String model, long time, Place place) {
    ByteBuffer key = ByteBuffer.allocate(HASH_BYTES + Long.BYTES + Place.BYTES);
    key.put(hash(model)).putLong(time);
    place.writeTo(key);
    return key.array();
  }

  /** A row in a list, the newest first. */
  static byte[] newest(String list, long time, String id) {
    byte[] name = id.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(HASH_BYTES + Long.BYTES + name.length)
        .put(hash(list))
        .putLong(Long.MAX_VALUE - time)
        .put(name)
        .array();
  }

  /** The id of a row in a list. */
  static String id(byte[] key) {
    int from = HASH_BYTES + Long.BYTES;
    return new String(key, from, key.length - from, StandardCharsets.UTF_8);
  }

  static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** The first key after all keys with a prefix. */
  static byte[] after(byte[] prefix) {
    byte[] end = prefix.clone();
    for (int i = end.length - 1; i >= 0; i--) {
      if (++end[i] != 0) {
        return Arrays.copyOf(end, i + 1);
      }
    }
    return new byte[] {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1};
  }
}
