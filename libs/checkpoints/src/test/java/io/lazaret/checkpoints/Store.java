package io.lazaret.checkpoints;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lazaret.embedded.EmbeddedS3;
import io.lazaret.problem.Problem;
import io.lazaret.problem.ProblemException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** One S3 server for all tests of the module; every test takes its own bucket. */
final class Store {

  static final String ACCESS = "test-access";
  static final String SECRET = "test-secret";
  static final long PART_BYTES = 5 << 20;

  private static final Path DIRECTORY = temporary();
  private static final EmbeddedS3 SERVER = new EmbeddedS3(DIRECTORY, 0, ACCESS, SECRET);
  private static final AtomicInteger BUCKETS = new AtomicInteger();

  private Store() {}

  private static Path temporary() {
    try {
      return Files.createTempDirectory("lazaret-s3-");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static S3Settings settings() {
    return settings("bucket-" + BUCKETS.incrementAndGet());
  }

  static S3Settings settings(String bucket) {
    return new S3Settings(
        SERVER.endpoint(), ACCESS, SECRET, bucket, Duration.ofSeconds(20), PART_BYTES);
  }

  static ObjectStore open(S3Settings settings) {
    ObjectStore store = new ObjectStore(settings);
    store.ensureBucket();
    return store;
  }

  /** The file that the server keeps an object in. */
  static Path fileOf(S3Settings settings, String key) {
    return DIRECTORY.resolve("buckets").resolve(settings.bucket()).resolve(key);
  }

  /** Turns one bit of an object over, as a failing disk would. */
  static void damage(S3Settings settings, String key) throws IOException {
    Path file = fileOf(settings, key);
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length / 2] ^= 1;
    Files.write(file, bytes);
  }

  static Problem problem(ThrowingCallable call) {
    Problem[] problem = new Problem[1];
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(ProblemException.class, e -> problem[0] = e.problem());
    assertThat(problem[0].nextStep()).isNotBlank();
    return problem[0];
  }
}
