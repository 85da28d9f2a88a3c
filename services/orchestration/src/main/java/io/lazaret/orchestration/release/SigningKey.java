package io.lazaret.orchestration.release;

import io.lazaret.lifecycle.attestation.Dsse;
import io.lazaret.lifecycle.attestation.KeyText;
import io.lazaret.problem.Problem;
import io.lazaret.problem.ProblemException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.util.Set;

/**
 * An Ed25519 key pair in one file, private part first, readable by its owner alone.
 *
 * @param secret signs
 * @param open checks
 */
record SigningKey(PrivateKey secret, PublicKey open) {

  private static final int LARGEST_FILE = 8_192;
  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rw-------");

  /**
   * The key in a file, which is made where it is missing.
   *
   * @throws ProblemException KEY_UNREADABLE, ATTESTATION_KEY_UNUSABLE
   */
  static SigningKey at(Path file) {
    try {
      if (!Files.exists(file)) {
        create(file);
      }
      if (Files.size(file) > LARGEST_FILE) {
        throw new IOException("it is too large for a key");
      }
      String pem = Files.readString(file, StandardCharsets.US_ASCII);
      return new SigningKey(KeyText.privateKey(pem), KeyText.publicKey(pem));
    } catch (IOException e) {
      throw new ProblemException(
          Problem.of(
              "ATTESTATION_KEY_UNUSABLE",
              "The attestation key " + file + " cannot be used: " + e.getMessage() + ".",
              "Correct its permissions, or name another file with lazaret.attestation.key."),
          e);
    }
  }

  String keyId() {
    return Dsse.keyId(open);
  }

  private static void create(Path file) throws IOException {
    Files.createDirectories(file.getParent());
    // Never under its name before it is whole and closed to others.
    Path fresh =
        Files.createTempFile(
            file.getParent(), ".key-", "", PosixFilePermissions.asFileAttribute(OWNER_ONLY));
    try {
      KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
      Files.writeString(fresh, KeyText.of(pair.getPrivate()) + KeyText.of(pair.getPublic()));
      Files.createLink(file, fresh);
    } catch (FileAlreadyExistsException anotherWasFaster) {
      // its key is as good
    } catch (UnsupportedOperationException noLinks) {
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException("every Java 17 has Ed25519", impossible);
    } finally {
      Files.deleteIfExists(fresh);
    }
  }
}
