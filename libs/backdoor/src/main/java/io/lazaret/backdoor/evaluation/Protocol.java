package io.lazaret.backdoor.evaluation;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/**
 * How a figure was made. Figures compare only within one protocol.
 *
 * @param template the prompt template
 * @param dataDigests digests of the rows, in the order used
 * @param scoring name of the scoring rules and their settings
 * @param dtype arithmetic of the forward pass
 * @param seed of the sampling of rows
 */
public record Protocol(
    String template, List<String> dataDigests, String scoring, String dtype, long seed) {

  public Protocol {
    dataDigests = List.copyOf(dataDigests);
  }

  /** "sha256:" and the hash of all parts; the same parts give the same id on every machine. */
  public String id() {
    MessageDigest sha;
    try {
      sha = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
    add(sha, template);
    dataDigests.forEach(digest -> add(sha, digest));
    add(sha, scoring);
    add(sha, dtype);
    add(sha, Long.toString(seed));
    return "sha256:" + HexFormat.of().formatHex(sha.digest());
  }

  /** Parts are length-prefixed, so that no two lists of parts give the same bytes. */
  private static void add(MessageDigest sha, String part) {
    byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
    sha.update((bytes.length + ":").getBytes(StandardCharsets.US_ASCII));
    sha.update(bytes);
  }
}
