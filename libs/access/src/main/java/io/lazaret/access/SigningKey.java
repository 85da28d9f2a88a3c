package io.lazaret.access;

import io.lazaret.problem.Problem;
import io.lazaret.problem.ProblemException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Set;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The secret that tokens are signed with: whoever can read its file can issue tokens. HMAC with
 * SHA-256, RFC 2104.
 */
public final class SigningKey {

  private static final int BYTES = 32;
  private static final long LONGEST_FILE = 1_024;
  private static final String ALGORITHM = "HmacSHA256";

  private final byte[] secret;

  private SigningKey(byte[] secret) {
    this.secret = secret;
  }

  /**
   * The key of a file: at least 64 hexadecimal digits.
   *
   * @throws ProblemException ACCESS_KEY_UNUSABLE
   */
  public static SigningKey read(Path file) {
    try {
      if (Files.size(file) > LONGEST_FILE) {
        throw new IOException("it is too long");
      }
      byte[] secret =
          HexFormat.of().parseHex(Files.readString(file, StandardCharsets.US_ASCII).strip());
      if (secret.length < BYTES) {
        throw new IOException("it is too short");
      }
      return new SigningKey(secret);
    } catch (IOException | IllegalArgumentException e) {
      throw unusable(file, e);
    }
  }

  /**
   * The key of a file; a new one, readable by its owner alone, where there is no file.
   *
   * @throws ProblemException ACCESS_KEY_UNUSABLE
   */
  public static SigningKey readOrCreate(Path file) {
    if (Files.exists(file)) {
      return read(file);
    }
    byte[] secret = new byte[BYTES];
    new SecureRandom().nextBytes(secret);
    Path absolute = file.toAbsolutePath();
    try {
      Files.createDirectories(absolute.getParent());
      Path fresh =
          Files.createTempFile(absolute.getParent(), "access", ".tmp", ownerOnly(absolute));
      Files.writeString(
          fresh, HexFormat.of().formatHex(secret) + "\n", StandardOpenOption.TRUNCATE_EXISTING);
      // Two processes that start at once must not end with a key each.
      try {
        Files.createLink(absolute, fresh);
        Files.delete(fresh);
      } catch (UnsupportedOperationException noLinks) {
        Files.move(fresh, absolute, StandardCopyOption.ATOMIC_MOVE);
      } catch (FileAlreadyExistsException another) {
        Files.delete(fresh);
      }
      return read(absolute);
    } catch (IOException e) {
      throw unusable(file, e);
    }
  }

  private static FileAttribute<?>[] ownerOnly(Path file) {
    boolean posix = file.getFileSystem().supportedFileAttributeViews().contains("posix");
    return posix
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(
              Set.copyOf(PosixFilePermissions.fromString("rw-------")))
        }
        : new FileAttribute<?>[0];
  }

  private static ProblemException unusable(Path file, Exception e) {
    return new ProblemException(
        Problem.of(
            "ACCESS_KEY_UNUSABLE",
            "The key "
                + file
                + " that tokens are signed with cannot be used: "
                + e.getMessage()
                + ".",
            "Give a readable file with 64 hexadecimal digits by lazaret.access.key."),
        e);
  }

  byte[] sign(byte[] text) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(new SecretKeySpec(secret, ALGORITHM));
      return mac.doFinal(text);
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
