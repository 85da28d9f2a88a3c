package io.lazaret.checkpoints;

import io.lazaret.problem.Problem;
import io.lazaret.problem.ProblemException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/**
 * Write-once objects in one bucket. A key is never written twice: keys contain the hash of their
 * content, or name a job whose result is always the same. Every read is verified. Thread-safe.
 *
 * <p>All methods throw {@link ProblemException} STORE_UNAVAILABLE (passing) when the store does not
 * answer, STORE_REFUSED when it does not let us in, DISK_FULL or DISK_FAILED (passing) when the
 * local disk does not play along.
 */
public final class ObjectStore implements AutoCloseable {

  /** Largest object that is read into memory, bytes. */
  private static final long MAX_IN_MEMORY = 256L << 20;

  private final S3Settings settings;
  private final S3Bucket s3;

  /**
   * @throws ProblemException STORE_SETTINGS_INVALID
   */
  public ObjectStore(S3Settings settings) {
    this.settings = settings;
    this.s3 = new S3Bucket(settings);
  }

  /** Makes the bucket where it is missing. */
  public void ensureBucket() {
    s3.ensure();
  }

  /**
   * Stores a file under {@code key}; one that is there with the same content is left as it is.
   *
   * @throws ProblemException OBJECT_CORRUPT when the key holds something else; FILE_CHANGED when
   *     the file changes meanwhile
   */
  public StoredObject put(String key, Path file) {
    StoredObject object = describe(key, file);
    write(object, () -> Files.newInputStream(file), false);
    return object;
  }

  /** As {@link #put(String, Path)}, for bytes. */
  public StoredObject put(String key, byte[] content) {
    StoredObject object = describe(key, content);
    write(object, () -> new ByteArrayInputStream(content), false);
    return object;
  }

  /**
   * Stores a file under {@code folder/sha256/HASH}. Should the object there be damaged, it is
   * replaced: the key says what it must contain.
   */
  public StoredObject putContent(String folder, Path file) {
    StoredObject content = describe("", file);
    return putContent(folder, content.sha256(), content.size(), file);
  }

  /** As above, for a file whose hash and size are known. */
  StoredObject putContent(String folder, String sha256, long size, Path file) {
    StoredObject object =
        new StoredObject(settings.bucket(), contentKey(folder, sha256), sha256, size);
    write(object, () -> Files.newInputStream(file), true);
    return object;
  }

  /** As {@link #putContent(String, Path)}, for bytes. */
  public StoredObject putContent(String folder, byte[] content) {
    StoredObject object = describe(contentKey(folder, Sha256.of(content)), content);
    write(object, () -> new ByteArrayInputStream(content), true);
    return object;
  }

  static String contentKey(String folder, String sha256) {
    return folder + "/sha256/" + sha256;
  }

  private StoredObject describe(String key, Path file) {
    try {
      Sha256.Content content = Sha256.of(file);
      return new StoredObject(settings.bucket(), key, content.sha256(), content.size());
    } catch (IOException e) {
      throw StoreProblems.disk(String.valueOf(file.getFileName()), e);
    }
  }

  private StoredObject describe(String key, byte[] content) {
    return new StoredObject(settings.bucket(), key, Sha256.of(content), content.length);
  }

  /** Content that can be read more than once. */
  private interface Source {
    InputStream open() throws IOException;
  }

  private void write(StoredObject object, Source source, boolean repair) {
    // Servers honour If-None-Match for uploads in one piece; for larger ones the key is asked for.
    boolean inParts = object.size() > settings.partBytes();
    if (!(inParts && s3.exists(object.key())) && upload(object, source, true)) {
      return;
    }
    try {
      read(object, OutputStream.nullOutputStream());
    } catch (ProblemException e) {
      if (!repair || !e.problem().code().equals(StoreProblems.OBJECT_CORRUPT)) {
        throw e;
      }
      upload(object, source, false);
    } catch (IOException e) {
      throw StoreProblems.disk(object.key(), e);
    }
  }

  /** False when the key is taken and {@code onlyOnce}. */
  private boolean upload(StoredObject object, Source source, boolean onlyOnce) {
    try (Sha256.Tee content = new Sha256.Tee(source.open())) {
      if (!s3.put(object.key(), content, object.size(), onlyOnce)) {
        return false;
      }
      if (content.sha256().equals(object.sha256())) {
        return true;
      }
    } catch (IOException e) {
      throw StoreProblems.disk(object.key(), e);
    }
    s3.remove(object.key());
    throw ProblemException.of(
        "FILE_CHANGED",
        "The content for " + object.key() + " changed while it was being stored.",
        "Let the program that writes it finish first.");
  }

  /**
   * Objects of this store's bucket whose keys begin with {@code prefix}, in the order of the keys.
   *
   * @throws ProblemException STORE_TOO_MANY_OBJECTS beyond {@code limit}
   */
  public List<ListedObject> list(String prefix, int limit) {
    return s3.list(settings.bucket(), prefix, limit);
  }

  /**
   * Listens to what is written below a prefix of this store's bucket.
   *
   * @throws ProblemException STORE_SENDS_NO_EVENTS where the server knows no such thing
   */
  public BucketChanges changes(String prefix) {
    return s3.changes(prefix);
  }

  /** Replaces whatever lies under a key: for pointers, the only objects that change. */
  void overwrite(String key, InputStream content, long size) {
    s3.put(key, content, size, false);
  }

  /** Removes an object that is not part of the record, such as a job's saved state. */
  void remove(String key) {
    s3.remove(key);
  }

  /**
   * Copies an object that somebody else put into this store's bucket. What is made of it is the
   * reader's to check.
   *
   * @throws ProblemException OBJECT_NOT_FOUND; OBJECT_CHANGED when it has another size than listed
   * @throws IOException when {@code out} fails
   */
  public void readForeign(ListedObject object, OutputStream out) throws IOException {
    long size;
    try (InputStream in = s3.open(settings.bucket(), object.key())) {
      size = Sha256.copy(in, out, object.size()).size();
    }
    if (size != object.size()) {
      throw new ProblemException(
          Problem.passing(
              "OBJECT_CHANGED",
              object.key() + " was listed with " + object.size() + " bytes and has " + size + ".",
              "Let the program that writes it finish first."));
    }
  }

  /** Reads a small object into memory. */
  public byte[] get(StoredObject object) {
    if (object.size() > MAX_IN_MEMORY) {
      throw ProblemException.of(
          "OBJECT_TOO_LARGE",
          object.key() + " has " + object.size() + " bytes, more than fit into memory.",
          "Download it to a file.");
    }
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    try {
      read(object, content);
    } catch (IOException e) {
      throw StoreProblems.disk(object.key(), e);
    }
    return content.toByteArray();
  }

  /** Downloads to a file, which appears whole and verified, or not at all. */
  public void download(StoredObject object, Path to) {
    Path directory = to.toAbsolutePath().getParent();
    try {
      Files.createDirectories(directory);
      Path partial = Files.createTempFile(directory, ".partial-", "");
      try {
        try (OutputStream out = Files.newOutputStream(partial)) {
          read(object, out);
        }
        Files.move(
            partial, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      } finally {
        Files.deleteIfExists(partial);
      }
    } catch (IOException e) {
      throw StoreProblems.disk(String.valueOf(to.getFileName()), e);
    }
  }

  /**
   * Copies the object's bytes; what was copied is to be trusted only when this returns.
   *
   * @throws ProblemException OBJECT_NOT_FOUND, OBJECT_CORRUPT, both naming the object
   * @throws IOException when {@code out} fails
   */
  public void read(StoredObject object, OutputStream out) throws IOException {
    Sha256.Content found;
    try (InputStream in = s3.open(object.bucket(), object.key())) {
      found = Sha256.copy(in, out, object.size());
    }
    if (found.size() != object.size() || !found.sha256().equals(object.sha256())) {
      throw StoreProblems.corrupt(
          object, "sha256 " + found.sha256() + " and " + found.size() + " bytes");
    }
  }

  /** The first {@code limit} bytes under a key that nothing is known of yet. */
  byte[] readUnverified(String key, int limit) throws IOException {
    try (InputStream in = s3.open(settings.bucket(), key)) {
      return in.readNBytes(limit);
    }
  }

  String bucket() {
    return settings.bucket();
  }

  @Override
  public void close() {
    s3.close();
  }
}
