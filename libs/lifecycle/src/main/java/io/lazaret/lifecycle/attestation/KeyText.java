package io.lazaret.lifecycle.attestation;

import io.lazaret.problem.ProblemException;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;

/** Ed25519 keys as PEM text: PKCS #8 and X.509, as OpenSSL reads and writes them. */
public final class KeyText {

  private static final String ALGORITHM = "Ed25519";
  private static final String PRIVATE = "PRIVATE KEY";
  private static final String PUBLIC = "PUBLIC KEY";
  private static final int LINE = 64;

  private KeyText() {}

  public static String of(PrivateKey key) {
    return pem(PRIVATE, key.getEncoded());
  }

  public static String of(PublicKey key) {
    return pem(PUBLIC, key.getEncoded());
  }

  /**
   * @throws ProblemException KEY_UNREADABLE
   */
  public static PrivateKey privateKey(String pem) {
    try {
      return KeyFactory.getInstance(ALGORITHM)
          .generatePrivate(new PKCS8EncodedKeySpec(bytes(PRIVATE, pem)));
    } catch (GeneralSecurityException refused) {
      throw unreadable();
    }
  }

  /**
   * @throws ProblemException KEY_UNREADABLE
   */
  public static PublicKey publicKey(String pem) {
    try {
      return KeyFactory.getInstance(ALGORITHM)
          .generatePublic(new X509EncodedKeySpec(bytes(PUBLIC, pem)));
    } catch (GeneralSecurityException refused) {
      throw unreadable();
    }
  }

  private static String pem(String kind, byte[] der) {
    String body = Base64.getMimeEncoder(LINE, new byte[] {'\n'}).encodeToString(der);
    return "-----BEGIN " + kind + "-----\n" + body + "\n-----END " + kind + "-----\n";
  }

  private static byte[] bytes(String kind, String pem) {
    String begin = "-----BEGIN " + kind + "-----";
    String end = "-----END " + kind + "-----";
    int from = pem.indexOf(begin);
    int to = pem.indexOf(end);
    if (from < 0 || to < from) {
      throw unreadable();
    }
    try {
      return Base64.getMimeDecoder().decode(pem.substring(from + begin.length(), to));
    } catch (IllegalArgumentException refused) {
      throw unreadable();
    }
  }

  private static ProblemException unreadable() {
    return ProblemException.of(
        "KEY_UNREADABLE",
        "The key is not an Ed25519 key in PEM form.",
        "Give one that begins with -----BEGIN PUBLIC KEY----- or -----BEGIN PRIVATE KEY-----.");
  }
}
