package io.lazaret.checkpoints;

import io.lazaret.problem.ProblemException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Optional;
import java.util.function.ToLongFunction;
import java.util.regex.Pattern;

/**
 * What serving systems and auditors read of releases, under keys that can be guessed from names: a
 * pointer for each channel, which changes, and verdicts and attestations, which do not.
 */
public final class ReleaseObjects {

  private static final int LARGEST = 16 << 20;
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._/-]{0,199}");

  private final ObjectStore objects;

  public ReleaseObjects(ObjectStore objects) {
    this.objects = objects;
  }

  /** Key of the pointer of a channel: {@code releases/MODEL/CHANNEL.json}. */
  public static String pointerKey(String model, String channel) {
    return "releases/" + named(model) + "/" + named(channel) + ".json";
  }

  /** Key of a verdict document: {@code verdicts/SCREENING.json}. */
  public static String verdictKey(String screeningId) {
    return "verdicts/" + named(screeningId) + ".json";
  }

  /** Key of an attestation: {@code attestations/MODEL/CHANNEL/REVISION.dsse.json}. */
  public static String attestationKey(String model, String channel, long revision) {
    return "attestations/" + named(model) + "/" + named(channel) + "/" + revision + ".dsse.json";
  }

  /** Key of the public key that attestations are checked with: {@code attestations/KEYID.pem}. */
  public static String publicKey(String keyId) {
    return "attestation-keys/" + named(keyId.replace("sha256:", "")) + ".pem";
  }

  private static String named(String name) {
    if (!NAME.matcher(name).matches() || name.contains("..") || name.contains("//")) {
      throw ProblemException.of(
          "OBJECT_NAME_REFUSED",
          "\"" + name.replaceAll("[^\\x20-\\x7e]", "?") + "\" cannot be part of a key.",
          "Use letters, digits, '.', '_' and '-'.");
    }
    return name;
  }

  /** Stores what never changes; storing the same again is harmless. */
  public void keep(String key, byte[] content) {
    objects.put(key, content);
  }

  /**
   * Replaces a pointer by a later one.
   *
   * @param revision of this pointer
   * @param revisionOf reads the revision out of the pointer that is there
   * @return false when the one that is there is as late or later
   */
  public boolean replace(
      String key, long revision, byte[] content, ToLongFunction<byte[]> revisionOf) {
    Optional<byte[]> present = read(key);
    if (present.isPresent() && revisionOf.applyAsLong(present.get()) >= revision) {
      return false;
    }
    objects.overwrite(key, new ByteArrayInputStream(content), content.length);
    return true;
  }

  /** What lies under a key; empty where nothing does. */
  public Optional<byte[]> read(String key) {
    try {
      return Optional.of(objects.readUnverified(key, LARGEST));
    } catch (ProblemException refused) {
      if (refused.problem().code().equals("OBJECT_NOT_FOUND")) {
        return Optional.empty();
      }
      throw refused;
    } catch (IOException e) {
      throw StoreProblems.disk(key, e);
    }
  }
}
