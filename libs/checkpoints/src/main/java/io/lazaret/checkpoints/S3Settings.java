package io.lazaret.checkpoints;

import java.time.Duration;

/**
 * How to reach the store.
 *
 * @param endpoint {@code http(s)://host:port}
 * @param bucket made at the start where it is missing; at least 3 characters
 * @param timeout for connecting, and for each wait for bytes. Default 30 s
 * @param partBytes size of the parts of a large upload; the client holds one in memory. Default 16
 *     MiB
 */
public record S3Settings(
    String endpoint,
    String accessKey,
    String secretKey,
    String bucket,
    Duration timeout,
    long partBytes) {

  /** Default timeout and part size. */
  public static S3Settings of(String endpoint, String accessKey, String secretKey, String bucket) {
    return new S3Settings(
        endpoint, accessKey, secretKey, bucket, Duration.ofSeconds(30), 16L << 20);
  }

  /** The same store, another bucket. */
  public S3Settings withBucket(String other) {
    return new S3Settings(endpoint, accessKey, secretKey, other, timeout, partBytes);
  }

  /** Never shows credentials. */
  @Override
  public String toString() {
    return "S3Settings[" + endpoint + ", bucket=" + bucket + "]";
  }
}
