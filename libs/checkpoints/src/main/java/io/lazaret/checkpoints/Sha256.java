package io.lazaret.checkpoints;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** The one hash of the store, as lower-case hexadecimal. */
final class Sha256 {

  private static final int BUFFER = 1 << 16;

  private Sha256() {}

  /** Hashes what is read through it. */
  static final class Tee extends DigestInputStream {

    Tee(InputStream in) {
      super(in, digest());
    }

    /** What is read twice must not be hashed twice. */
    @Override
    public boolean markSupported() {
      return false;
    }

    /** Of what was read so far; ends the hash. */
    String sha256() {
      return HexFormat.of().formatHex(getMessageDigest().digest());
    }
  }

  /** What a copy contained. */
  record Content(String sha256, long size) {}

  static String of(byte[] content) {
    return HexFormat.of().formatHex(digest().digest(content));
  }

  static Content of(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return copy(in, OutputStream.nullOutputStream(), Long.MAX_VALUE);
    }
  }

  /** Copies at most {@code limit} bytes and says what they were; one byte more ends the copy. */
  static Content copy(InputStream in, OutputStream out, long limit) throws IOException {
    MessageDigest sha256 = digest();
    byte[] buffer = new byte[BUFFER];
    long size = 0;
    for (int n = in.read(buffer); n >= 0 && size <= limit; n = in.read(buffer)) {
      sha256.update(buffer, 0, n);
      out.write(buffer, 0, n);
      size += n;
    }
    return new Content(HexFormat.of().formatHex(sha256.digest()), size);
  }

  private static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
