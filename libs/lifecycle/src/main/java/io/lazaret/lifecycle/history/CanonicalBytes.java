package io.lazaret.lifecycle.history;

import io.lazaret.schemas.Ids;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.apache.avro.specific.SpecificRecord;

/**
 * The one byte sequence of an event that its hash is taken over: JSON in UTF-8 without white space,
 * keys in the order of their code units, timestamps as milliseconds, floating-point numbers as the
 * 16 hexadecimal digits of their IEEE 754 bits. Fields that have their default value are left out,
 * so that the bytes stay the same when a later version of the schema adds fields.
 */
public final class CanonicalBytes {

  private CanonicalBytes() {}

  /** The bytes of a record of the language. */
  public static byte[] of(SpecificRecord record) {
    CanonicalWriter out = new CanonicalWriter();
    out.value(record);
    return out.bytes();
  }

  /** "sha256:" and the lower-case hash of the bytes of a record. */
  public static String digest(SpecificRecord record) {
    CanonicalWriter out = new CanonicalWriter();
    out.value(record);
    MessageDigest sha256 = Ids.sha256();
    out.into(sha256);
    return text(sha256);
  }

  /** "sha256:" and the lower-case hash. */
  public static String sha256(byte[] bytes) {
    MessageDigest sha256 = Ids.sha256();
    sha256.update(bytes);
    return text(sha256);
  }

  private static String text(MessageDigest sha256) {
    return "sha256:" + HexFormat.of().formatHex(sha256.digest());
  }
}
