package io.lazaret.checkpoints;

import io.lazaret.problem.ProblemException;
import io.minio.BucketExistsArgs;
import io.minio.GetObjectArgs;
import io.minio.Http;
import io.minio.MakeBucketArgs;
import io.minio.MinioClient;
import io.minio.PutObjectArgs;
import io.minio.errors.MinioException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
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
    this.client =
        MinioClient.builder()
            .endpoint(settings.endpoint())
            .credentials(settings.accessKey(), settings.secretKey())
            .build();
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
      throw StoreProblems.of(settings, "", e);
    }
  }

  /** Stores a file under {@code key}; one that is there with the same content is left as it is. */
  public StoredObject put(String key, Path file) {
    try {
      Sha256.Content content = Sha256.of(file);
      try (InputStream in = Files.newInputStream(file)) {
        return put(new StoredObject(settings.bucket(), key, content.sha256(), content.size()), in);
      }
    } catch (IOException e) {
      throw StoreProblems.disk(file.getFileName().toString(), e);
    }
  }

  /** Stores bytes under {@code key}; an object there with the same content is left as it is. */
  public StoredObject put(String key, byte[] content) {
    StoredObject object =
        new StoredObject(settings.bucket(), key, Sha256.of(content), content.length);
    return put(object, new ByteArrayInputStream(content));
  }

  /** Stores a file under {@code folder/sha256/HASH}. */
  public StoredObject putContent(String folder, Path file) {
    try {
      return put(contentKey(folder, Sha256.of(file).sha256()), file);
    } catch (IOException e) {
      throw StoreProblems.disk(file.getFileName().toString(), e);
    }
  }

  /** Stores bytes under {@code folder/sha256/HASH}. */
  public StoredObject putContent(String folder, byte[] content) {
    return put(contentKey(folder, Sha256.of(content)), content);
  }

  static String contentKey(String folder, String sha256) {
    return folder + "/sha256/" + sha256;
  }

  private StoredObject put(StoredObject object, InputStream content) {
    try {
      client.putObject(
          PutObjectArgs.builder()
              .bucket(object.bucket())
              .object(object.key())
              .headers(new Http.Headers(WRITE_ONCE))
              .stream(content, object.size(), settings.partBytes())
              .build());
      return object;
    } catch (MinioException e) {
      if (!StoreProblems.precondition(e)) {
        throw StoreProblems.of(settings, object.key(), e);
      }
      return sameAs(object);
    }
  }

  /** An object that was there already must be the one that was to be written. */
  private StoredObject sameAs(StoredObject object) {
    try {
      read(object, OutputStream.nullOutputStream());
      return object;
    } catch (IOException e) {
      throw StoreProblems.disk(object.key(), e);
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

  /** Copies the object's bytes; what was copied is to be trusted only when this returns. */
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
      return client.getObject(GetObjectArgs.builder().bucket(bucket).object(key).build());
    } catch (MinioException e) {
      throw StoreProblems.of(settings, key, e);
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
