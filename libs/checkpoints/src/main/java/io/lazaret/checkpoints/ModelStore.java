package io.lazaret.checkpoints;

import io.lazaret.problem.ProblemException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * Model directories by digest. Files lie under {@code blobs/sha256/HASH}, so that models share what
 * they have in common; the manifest under {@code models/sha256/HASH/manifest.json} is written last:
 * a model is there whole or not at all.
 */
public final class ModelStore {

  private static final Pattern DIGEST = Pattern.compile("sha256:[0-9a-f]{64}");
  private static final int MAX_MANIFEST_BYTES = 8 << 20;

  private final ObjectStore objects;

  public ModelStore(ObjectStore objects) {
    this.objects = objects;
  }

  /**
   * Stores every file of a directory; returns the digest. Doing it again changes nothing, but
   * replaces what was damaged in the store.
   *
   * @throws ProblemException FILE_NAME_REFUSED, NOT_A_REGULAR_FILE, FILE_CHANGED; MANIFEST_REFUSED
   *     when the directory is empty; STORE_UNAVAILABLE (passing)
   */
  public String put(Path directory) {
    Path root;
    List<Manifest.Entry> entries = new ArrayList<>();
    try {
      root = directory.toRealPath();
      try (Stream<Path> tree = Files.walk(root)) {
        for (Path file : (Iterable<Path>) tree::iterator) {
          if (!Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)) {
            entries.add(entry(root, file));
          }
        }
      }
    } catch (IOException e) {
      throw StoreProblems.disk(String.valueOf(directory.getFileName()), e);
    }
    Manifest manifest = new Manifest(entries);
    for (Manifest.Entry entry : manifest.files()) {
      objects.putContent("blobs", entry.sha256(), entry.size(), root.resolve(entry.path()));
    }
    objects.put(manifestKey(manifest.digest()), manifest.canonicalJson());
    return manifest.digest();
  }

  private static Manifest.Entry entry(Path root, Path file) throws IOException {
    // Joined from its parts: on some systems a backslash is a letter of the name.
    List<String> parts =
        StreamSupport.stream(root.relativize(file).spliterator(), false)
            .map(Path::toString)
            .toList();
    String path = String.join("/", parts);
    Manifest.checkPath(path);
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      throw ProblemException.of(
          "NOT_A_REGULAR_FILE",
          path + " is a link or a device.",
          "Give a directory of plain files.");
    }
    Sha256.Content content = Sha256.of(file);
    return new Manifest.Entry(path, content.sha256(), content.size());
  }

  /**
   * The verified manifest of a stored model.
   *
   * @throws ProblemException OBJECT_NOT_FOUND, OBJECT_CORRUPT, DIGEST_INVALID; STORE_UNAVAILABLE
   *     (passing)
   */
  public Manifest manifest(String digest) {
    byte[] json;
    try {
      json = objects.readUnverified(manifestKey(digest), MAX_MANIFEST_BYTES);
    } catch (IOException e) {
      throw StoreProblems.disk("the manifest of " + digest, e);
    }
    String found = Sha256.of(json);
    if (!found.equals(hash(digest))) {
      throw StoreProblems.corrupt(
          new StoredObject(objects.bucket(), manifestKey(digest), hash(digest), json.length),
          "sha256 " + found);
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
   * The model as a directory below {@code cache}: what is there already is verified, what is not or
   * is damaged is downloaded. Callers must not change its files. Several processes may share a
   * cache.
   *
   * @throws ProblemException as {@link #manifest}, and DISK_FULL (passing), after which nothing of
   *     the model is left in the cache
   */
  public Path fetch(String digest, Path cache) {
    Manifest manifest = manifest(digest);
    try {
      return new ModelDirectoryCache(cache).get(hash(digest), manifest, this::download);
    } catch (IOException e) {
      throw StoreProblems.disk("the model " + digest, e);
    }
  }

  private void download(Manifest.Entry entry, Path to) {
    objects.download(object(entry), to);
  }

  private static String manifestKey(String digest) {
    return "models/sha256/" + hash(digest) + "/manifest.json";
  }

  private static String hash(String digest) {
    if (digest == null || !DIGEST.matcher(digest).matches()) {
      throw ProblemException.of(
          "DIGEST_INVALID", "A digest is 'sha256:' and 64 hexadecimal digits.", "Check it.");
    }
    return digest.substring("sha256:".length());
  }
}
