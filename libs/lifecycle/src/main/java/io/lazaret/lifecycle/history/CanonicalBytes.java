package io.lazaret.lifecycle.history;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.Schema;
import org.apache.avro.generic.IndexedRecord;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecord;

/**
 * The one byte sequence of an event that its hash is taken over: JSON in UTF-8 without white space,
 * keys in the order of their code units, timestamps as milliseconds, floating-point numbers as the
 * 16 hexadecimal digits of their IEEE 754 bits. Fields that have their default value are left out,
 * so that the bytes stay the same when a later version of the schema adds fields.
 */
public final class CanonicalBytes {

  private static final Map<Class<?>, List<Part>> PLANS = new ConcurrentHashMap<>();

  /** A field in its place; {@code fallback} is compared only where there is a default. */
  private record Part(String name, int position, boolean optional, Object fallback) {

    static Part of(Schema.Field field) {
      boolean optional = field.hasDefaultValue();
      Object fallback = optional ? SpecificData.get().getDefaultValue(field) : null;
      return new Part(field.name(), field.pos(), optional, fallback);
    }

    boolean left(Object value) {
      return optional && Objects.equals(value, fallback);
    }
  }

  private CanonicalBytes() {}

  /** The bytes of a record of the language. */
  public static byte[] of(SpecificRecord record) {
    StringBuilder out = new StringBuilder(512);
    write(out, record);
    return out.toString().getBytes(StandardCharsets.UTF_8);
  }

  /** "sha256:" and the lower-case hash of the bytes of a record. */
  public static String digest(SpecificRecord record) {
    return sha256(of(record));
  }

  /** "sha256:" and the lower-case hash. */
  public static String sha256(byte[] bytes) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(bytes);
      return "sha256:" + HexFormat.of().formatHex(hash);
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("every Java platform has SHA-256", impossible);
    }
  }

  private static List<Part> plan(IndexedRecord record) {
    return PLANS.computeIfAbsent(
        record.getClass(),
        type ->
            record.getSchema().getFields().stream()
                .map(Part::of)
                .sorted(Comparator.comparing(Part::name))
                .toList());
  }

  private static void write(StringBuilder out, Object value) {
    if (value == null) {
      out.append("null");
    } else if (value instanceof IndexedRecord record) {
      writeRecord(out, record);
    } else if (value instanceof List<?> list) {
      writeList(out, list);
    } else if (value instanceof Instant time) {
      out.append(time.toEpochMilli());
    } else if (value instanceof Double number) {
      out.append('"')
          .append(HexFormat.of().toHexDigits(Double.doubleToLongBits(number)))
          .append('"');
    } else if (value instanceof Integer || value instanceof Long || value instanceof Boolean) {
      out.append(value);
    } else {
      writeText(out, value.toString());
    }
  }

  private static void writeRecord(StringBuilder out, IndexedRecord record) {
    out.append('{');
    boolean first = true;
    for (Part part : plan(record)) {
      Object value = record.get(part.position());
      if (part.left(value)) {
        continue;
      }
      if (!first) {
        out.append(',');
      }
      first = false;
      writeText(out, part.name());
      out.append(':');
      write(out, value);
    }
    out.append('}');
  }

  private static void writeList(StringBuilder out, List<?> list) {
    out.append('[');
    for (int i = 0; i < list.size(); i++) {
      if (i > 0) {
        out.append(',');
      }
      write(out, list.get(i));
    }
    out.append(']');
  }

  private static void writeText(StringBuilder out, String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (c < ' ' || Character.isSurrogate(c)) {
        // A lone surrogate has no UTF-8 form; escaping all of them keeps different texts different.
        out.append("\\u").append(HexFormat.of().toHexDigits(c));
      } else {
        out.append(c);
      }
    }
    out.append('"');
  }
}
