package io.lazaret.checkpoints;

import io.lazaret.problem.ProblemException;
import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Model directories by digest. Files lie under {@code blobs/sha256/HASH}, so that models share what
 * they have in common; the manifest under {@code models/sha256/HASH/manifest.json} is written last:
 * a model is there whole or not at all.
 */
public final class ModelStore {

  private static final Pattern DIGEST = Pattern.compile("sha256:[0-9a-f]{64}");
  private static final int MAX_MANIFEST = 8 << 20;

  private final ObjectStore objects;

  public ModelStore(ObjectStore objects) {
    this.objects = objects;
  }

  /** Stores every file of a directory; returns the digest. Doing it again changes nothing. */
  public String put(Path directory) {
    List<Manifest.Entry> entries = new ArrayList<>();
    try (Stream<Path> tree = Files.walk(directory, new FileVisitOption[0])) {
      for (Path file : tree.sorted().toList()) {
        if (Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)) {
          continue;
        }
        String path = directory.relativize(file).toString().replace('\\', '/');
        Manifest.checkPath(path);
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
          throw ProblemException.of(
              "NOT_A_REGULAR_FILE",
              path + " is a link or a device.",
              "Give a directory of plain files.");
        }
        Sha256.Content content = Sha256.of(file);
        entries.add(new Manifest.Entry(path, content.sha256(), content.size()));
      }
    } catch (IOException e) {
      throw StoreProblems.disk(String.valueOf(directory.getFileName()), e);
    }
    Manifest manifest = new Manifest(entries);
    for (Manifest.Entry entry : manifest.files()) {
      objects.put(ObjectStore.contentKey("blobs", entry.sha256()), directory.resolve(entry.path()));
    }
    objects.put(manifestKey(manifest.digest()), manifest.canonicalJson());
    return manifest.digest();
  }

  /** The verified manifest of a stored model. */
  public Manifest manifest(String digest) {
    byte[] json;
    try {
      json = objects.readUnverified(manifestKey(digest), MAX_MANIFEST);
    } catch (IOException e) {
      throw StoreProblems.disk("the manifest of " + digest, e);
    }
    String found = "sha256:" + Sha256.of(json);
    if (!found.equals(digest)) {
      throw StoreProblems.corrupt(
          new StoredObject(objects.bucket(), manifestKey(digest), digest.substring(7), json.length),
          found);
    }
    return Manifest.parse(json);
  }

  /** Where a file of a stored model lies. */
  public StoredObject object(Manifest.Entry entry) {
    return new StoredObject(
        objects.bucket(),
        ObjectStore.contentKey("blobs", entry.sha256()),
        entry.sha256(),
        entry.size());
  }

  /**
   * The model as a directory below {@code cache}, downloaded and verified where it is not there
   * yet. Callers must not change its files.
   */
  public Path fetch(String digest, Path cache) {
    Path target = cache.resolve(checked(digest).substring("sha256:".length()));
    if (Files.isDirectory(target)) {
      return target;
    }
    Manifest manifest = manifest(digest);
    try {
      Files.createDirectories(cache);
      Path partial = Files.createTempDirectory(cache, ".partial-");
      try {
        for (Manifest.Entry entry : manifest.files()) {
          objects.download(object(entry), partial.resolve(entry.path()));
        }
        moveIntoPlace(partial, target);
      } finally {
        remove(partial);
      }
    } catch (IOException e) {
      throw StoreProblems.disk("the model " + digest, e);
    }
    return target;
  }

  private static void moveIntoPlace(Path partial, Path target) throws IOException {
    try {
      Files.move(partial, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      // Another worker of this host was faster, with the same bytes.
      if (!Files.isDirectory(target)) {
        throw e;
      }
    }
  }

  private static void remove(Path directory) throws IOException {
    if (Files.exists(directory)) {
      try (Stream<Path> tree = Files.walk(directory)) {
        for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
          Files.deleteIfExists(path);
        }
      }
    }
  }

  private static String manifestKey(String digest) {
    return "models/sha256/" + checked(digest).substring("sha256:".length()) + "/manifest.json";
  }

  private static String checked(String digest) {
    if (digest == null || !DIGEST.matcher(digest).matches()) {
      throw ProblemException.of(
          "DIGEST_INVALID", "A digest is 'sha256:' and 64 hexadecimal digits.", "Check it.");
    }
    return digest;
  }
}
