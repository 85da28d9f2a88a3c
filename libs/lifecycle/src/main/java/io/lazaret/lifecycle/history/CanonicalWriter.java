package io.lazaret.lifecycle.history;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.Schema;
import org.apache.avro.generic.IndexedRecord;
import org.apache.avro.specific.SpecificData;

/**
 * Writes {@link CanonicalBytes}, straight to UTF-8: every event that is decided or verified goes
 * through here.
 */
final class CanonicalWriter {

  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] NULL = "null".getBytes(StandardCharsets.US_ASCII);

  /** Bytes that a character takes at most: an escaped one. */
  private static final int LONGEST_CHARACTER = 6;

  private static final Map<Class<?>, Part[]> PLANS = new ConcurrentHashMap<>();

  /** A field in its place; {@code fallback} is compared only where there is a default. */
  private record Part(byte[] key, String name, int position, boolean optional, Object fallback) {

    static Part of(Schema.Field field) {
      boolean optional = field.hasDefaultValue();
      Object fallback = optional ? SpecificData.get().getDefaultValue(field) : null;
      CanonicalWriter key = new CanonicalWriter();
      key.text(field.name());
      key.put(':');
      return new Part(key.bytes(), field.name(), field.pos(), optional, fallback);
    }

    boolean left(Object value) {
      return optional && Objects.equals(value, fallback);
    }
  }

  private byte[] bytes = new byte[2048];
  private int length;

  byte[] bytes() {
    return Arrays.copyOf(bytes, length);
  }

  void into(MessageDigest digest) {
    digest.update(bytes, 0, length);
  }

  void value(Object value) {
    if (value == null) {
      put(NULL);
    } else if (value instanceof IndexedRecord record) {
      record(record);
    } else if (value instanceof List<?> list) {
      list(list);
    } else if (value instanceof Instant time) {
      ascii(Long.toString(time.toEpochMilli()));
    } else if (value instanceof Double number) {
      put('"');
      hex(Double.doubleToLongBits(number), Long.SIZE);
      put('"');
    } else if (value instanceof Integer || value instanceof Long || value instanceof Boolean) {
      ascii(value.toString());
    } else {
      text(value.toString());
    }
  }

  private static Part[] plan(IndexedRecord record) {
    Part[] known = PLANS.get(record.getClass());
    if (known == null) {
      known =
          record.getSchema().getFields().stream()
              .map(Part::of)
              .sorted(Comparator.comparing(Part::name))
              .toArray(Part[]::new);
      PLANS.put(record.getClass(), known);
    }
    return known;
  }

  private void record(IndexedRecord record) {
    put('{');
    boolean first = true;
    for (Part part : plan(record)) {
      Object value = record.get(part.position());
      if (part.left(value)) {
        continue;
      }
      if (!first) {
        put(',');
      }
      first = false;
      put(part.key());
      value(value);
    }
    put('}');
  }

  private void list(List<?> list) {
    put('[');
    for (int i = 0; i < list.size(); i++) {
      if (i > 0) {
        put(',');
      }
      value(list.get(i));
    }
    put(']');
  }

  private void text(String text) {
    room(text.length() * (long) LONGEST_CHARACTER + 2);
    bytes[length++] = '"';
    for (int i = plain(text); i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        bytes[length++] = '\\';
        bytes[length++] = (byte) c;
      } else if (c >= ' ' && c < 0x80) {
        bytes[length++] = (byte) c;
      } else {
        unusual(c);
      }
    }
    bytes[length++] = '"';
  }

  /** Writes the characters that stand for themselves; returns where the first other one is. */
  private int plain(String text) {
    byte[] out = bytes;
    int start = length;
    int i = 0;
    for (; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < ' ' || c >= 0x80 || c == '"' || c == '\\') {
        break;
      }
      out[start + i] = (byte) c;
    }
    length = start + i;
    return i;
  }

  private void unusual(char c) {
    if (c < ' ' || Character.isSurrogate(c)) {
      // A lone surrogate has no UTF-8 form; escaping all of them keeps different texts different.
      bytes[length++] = '\\';
      bytes[length++] = 'u';
      hex(c, Character.SIZE);
    } else if (c < 0x800) {
      bytes[length++] = (byte) (0xc0 | c >> 6);
      bytes[length++] = (byte) (0x80 | c & 0x3f);
    } else {
      bytes[length++] = (byte) (0xe0 | c >> 12);
      bytes[length++] = (byte) (0x80 | c >> 6 & 0x3f);
      bytes[length++] = (byte) (0x80 | c & 0x3f);
    }
  }

  private void hex(long value, int bits) {
    room(bits / 4);
    for (int shift = bits - 4; shift >= 0; shift -= 4) {
      bytes[length++] = HEX[(int) (value >>> shift) & 0xf];
    }
  }

  private void ascii(String text) {
    room(text.length());
    for (int i = 0; i < text.length(); i++) {
      bytes[length++] = (byte) text.charAt(i);
    }
  }

  private void put(char c) {
    room(1);
    bytes[length++] = (byte) c;
  }

  private void put(byte[] more) {
    room(more.length);
    System.arraycopy(more, 0, bytes, length, more.length);
    length += more.length;
  }

  private void room(long more) {
    if (more > bytes.length - length) {
      bytes = Arrays.copyOf(bytes, Math.toIntExact(Math.max(2L * bytes.length, length + more)));
    }
  }
}
