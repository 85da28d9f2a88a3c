package io.lazaret.schemas;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;

/**
 * Ids that must be the same whenever the same thing is done again: a retry, a replay, a second
 * worker. They are hashes of what they identify, so consumers recognise what they have seen.
 */
public final class Ids {

  private static final int HEX_LENGTH = 32;

  /** Never used itself: looking for a provider costs more than the hash of an id. */
  private static final MessageDigest SHA_256 = provided();

  private Ids() {}

  /**
   * The first 32 hexadecimal characters of the SHA-256 over the parts, each preceded by its length
   * in bytes, so that ("ab", "c") and ("a", "bc") differ.
   */
  public static String derive(Object... parts) {
    MessageDigest sha256 = sha256();
    for (Object part : parts) {
      byte[] bytes = String.valueOf(part).getBytes(StandardCharsets.UTF_8);
      for (int shift = Integer.SIZE - Byte.SIZE; shift >= 0; shift -= Byte.SIZE) {
        sha256.update((byte) (bytes.length >>> shift));
      }
      sha256.update(bytes);
    }
    return HexFormat.of().formatHex(sha256.digest(), 0, HEX_LENGTH / 2);
  }

  /** A fresh SHA-256. */
  public static MessageDigest sha256() {
    try {
      return (MessageDigest) SHA_256.clone();
    } catch (CloneNotSupportedException never) {
      throw new IllegalStateException("the platform's SHA-256 can be copied", never);
    }
  }

  private static MessageDigest provided() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** The id of one attempt at one stage: hash(screeningId, stage, round, attempt). */
  public static String job(String screeningId, Stage stage, int round, int attempt) {
    return derive("job", screeningId, stage.name().toLowerCase(Locale.ROOT), round, attempt);
  }

  /** The id of the event of this type that a job ends in: hash(jobId, type). */
  public static String jobEvent(String jobId, String type) {
    return derive("jobEvent", jobId, type);
  }

  /** The id of an event at a position of a screening's history: hash(screeningId, sequence). */
  public static String sequenced(String screeningId, long sequence) {
    return derive("sequenced", screeningId, sequence);
  }

  /**
   * The id of the history of a model's releases, beside those of its screenings: hash(modelName).
   */
  public static String releases(String modelName) {
    return derive("releases", modelName);
  }
}
