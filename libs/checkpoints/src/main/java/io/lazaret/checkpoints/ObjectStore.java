package io.lazaret.checkpoints;

import io.lazaret.problem.ProblemException;
import io.minio.BucketExistsArgs;
import io.minio.GetObjectArgs;
import io.minio.Http;
import io.minio.MakeBucketArgs;
import io.minio.MinioClient;
import io.minio.PutObjectArgs;
import io.minio.RemoveObjectArgs;
import io.minio.StatObjectArgs;
import io.minio.errors.MinioException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;

/**
 * Write-once objects in one bucket. A key is never written twice: keys contain the hash of their
 * content, or name a job whose result is always the same. Every read is verified. Thread-safe.
 */
public final class ObjectStore implements AutoCloseable {

  /** Largest object that is read into memory. */
  private static final long MAX_IN_MEMORY = 256L << 20;

  private static final Map<String, String> WRITE_ONCE = Map.of("If-None-Match", "*");

  private final S3Settings settings;
  private final MinioClient client;

  public ObjectStore(S3Settings settings) {
    this.settings = settings;
    try {
      this.client =
          MinioClient.builder()
              .endpoint(settings.endpoint())
              .credentials(settings.accessKey(), settings.secretKey())
              .build();
    } catch (IllegalArgumentException e) {
      throw ProblemException.of(
          "STORE_SETTINGS_INVALID",
          "The store's settings cannot be used: " + e.getMessage(),
          "Check lazaret.s3.endpoint, e.g. http://127.0.0.1:9000.");
    }
    long timeout = settings.timeout().toMillis();
    client.setTimeout(timeout, timeout, timeout);
  }

  /** Makes the bucket where it is missing. */
  public void ensureBucket() {
    String bucket = settings.bucket();
    try {
      if (!client.bucketExists(BucketExistsArgs.builder().bucket(bucket).build())) {
        client.makeBucket(MakeBucketArgs.builder().bucket(bucket).build());
      }
    } catch (MinioException e) {
      // Every service does this at its start; another one may have been faster.
      if (!StoreProblems.ownedAlready(e)) {
        throw StoreProblems.of(settings, "", e);
      }
    }
  }

  /**
   * Stores a file under {@code key}; one that is there with the same content is left as it is.
   *
   * @throws ProblemException OBJECT_CORRUPT when the key holds something else; FILE_CHANGED when
   *     the file changes meanwhile; STORE_UNAVAILABLE (passing); STORE_REFUSED
   */
  public StoredObject put(String key, Path file) {
    StoredObject object = describe(key, file);
    write(object, file, false);
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
    StoredObject object = describe("", file);
    return putContent(folder, object.sha256(), object.size(), file);
  }

  /** As above, for a file whose hash and size are known. */
  StoredObject putContent(String folder, String sha256, long size, Path file) {
    StoredObject object =
        new StoredObject(settings.bucket(), contentKey(folder, sha256), sha256, size);
    write(object, file, true);
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

  private void write(StoredObject object, Path file, boolean repair) {
    write(object, () -> Files.newInputStream(file), repair);
  }

  private void write(StoredObject object, Source source, boolean repair) {
    // Servers honour If-None-Match for uploads in one piece; for larger ones the key is asked for.
    boolean inParts = object.size() > settings.partBytes();
    if (!(inParts && exists(object.key())) && upload(object, source, true)) {
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

  private boolean exists(String key) {
    try {
      client.statObject(StatObjectArgs.builder().bucket(settings.bucket()).object(key).build());
      return true;
    } catch (MinioException e) {
      if (StoreProblems.missing(e)) {
        return false;
      }
      throw StoreProblems.of(settings, key, e);
    }
  }

  /** False when the key is taken and {@code onlyOnce}. */
  private boolean upload(StoredObject object, Source source, boolean onlyOnce) {
    Sha256.Tee content;
    try (InputStream in = source.open()) {
      content = new Sha256.Tee(in);
      client.putObject(
          PutObjectArgs.builder()
              .bucket(object.bucket())
              .object(object.key())
              .headers(new Http.Headers(onlyOnce ? WRITE_ONCE : Map.of()))
              .stream(content, object.size(), settings.partBytes())
              .build());
    } catch (MinioException e) {
      if (onlyOnce && StoreProblems.precondition(e)) {
        return false;
      }
      throw StoreProblems.of(settings, object.key(), e);
    } catch (IOException e) {
      throw StoreProblems.disk(object.key(), e);
    }
    if (!content.sha256().equals(object.sha256())) {
      remove(object.key());
      throw ProblemException.of(
          "FILE_CHANGED",
          "The content for " + object.key() + " changed while it was being stored.",
          "Let the program that writes it finish first.");
    }
    return true;
  }

  private void remove(String key) {
    try {
      client.removeObject(RemoveObjectArgs.builder().bucket(settings.bucket()).object(key).build());
    } catch (MinioException e) {
      throw StoreProblems.of(settings, key, e);
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
    ByteArrayOutputStream content = new ByteArrayOutputStream((int) object.size());
    try {
      read(object, content);
    } catch (IOException e) {
      throw StoreProblems.disk(object.key(), e);
    }
    return content.toByteArray();
  }

  /** Downloads to a file, which appears whole and verified, or not at all. */
  public void download(StoredObject object, Path to) {
    try {
      Files.createDirectories(to.toAbsolutePath().getParent());
      Path partial = Files.createTempFile(to.toAbsolutePath().getParent(), ".partial-", "");
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
      throw StoreProblems.disk(to.getFileName().toString(), e);
    }
  }

  /**
   * Copies the object's bytes; what was copied is to be trusted only when this returns.
   *
   * @throws ProblemException OBJECT_MISSING, OBJECT_CORRUPT, both naming the object;
   *     STORE_UNAVAILABLE (passing)
   * @throws IOException when {@code out} fails
   */
  public void read(StoredObject object, OutputStream out) throws IOException {
    Sha256.Content found;
    try (InputStream in = open(object.bucket(), object.key())) {
      found = Sha256.copy(in, out, object.size());
    }
    if (found.size() != object.size() || !found.sha256().equals(object.sha256())) {
      throw StoreProblems.corrupt(
          object, "sha256 " + found.sha256() + " and " + found.size() + " bytes");
    }
  }

  /** The first {@code limit} bytes under a key that nothing is known of yet. */
  byte[] readUnverified(String key, int limit) throws IOException {
    try (InputStream in = open(settings.bucket(), key)) {
      return in.readNBytes(limit);
    }
  }

  private InputStream open(String bucket, String key) {
    try {
      return new StoreStream(
          client.getObject(GetObjectArgs.builder().bucket(bucket).object(key).build()), key);
    } catch (MinioException e) {
      throw StoreProblems.of(settings, key, e);
    }
  }

  /** Tells a store that stops answering from a disk that stops writing. */
  private final class StoreStream extends FilterInputStream {

    private final String key;

    StoreStream(InputStream in, String key) {
      super(in);
      this.key = key;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) {
      try {
        return in.read(buffer, offset, length);
      } catch (IOException e) {
        throw StoreProblems.unavailable(settings, key, e);
      }
    }
  }

  String bucket() {
    return settings.bucket();
  }

  @Override
  public void close() {
    try {
      client.close();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
