package io.lazaret.lifecycle;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Ids and seeds that are the same for every retry, because they are hashes of what they name. Parts
 * are length-prefixed, so that no two lists of parts collide by concatenation.
 */
final class DerivedId {

  private static final int ID_BYTES = 16;

  private DerivedId() {}

  /** 32 lower-case hexadecimal digits. */
  static String of(Object... parts) {
    return HexFormat.of().formatHex(hash(parts), 0, ID_BYTES);
  }

  /** A seed that depends on all parts. */
  static long seed(Object... parts) {
    return ByteBuffer.wrap(hash(parts)).getLong();
  }

  private static byte[] hash(Object... parts) {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      for (Object part : parts) {
        byte[] bytes = part.toString().getBytes(StandardCharsets.UTF_8);
        sha.update(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).array());
        sha.update(bytes);
      }
      return sha.digest();
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
