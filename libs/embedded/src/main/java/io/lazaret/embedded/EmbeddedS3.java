package io.lazaret.embedded;

import io.lazaret.problem.Problem;
import io.lazaret.problem.ProblemException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.gaul.s3proxy.nio2blob.FilesystemNio2BlobStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An S3 server in this process, on the loopback interface, that keeps buckets as directories and
 * objects as files. What it stored survives a stop and a kill.
 */
public final class EmbeddedS3 implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(EmbeddedS3.class);

  /** Free disk space needed to start: room for a small model and its repaired copy. */
  private static final long MINIMUM_FREE_BYTES = 256L << 20;

  /** Largest request body that is signed as one piece, bytes; clients send larger ones in parts. */
  private static final long MAX_UNCHUNKED_BYTES = 128L << 20;

  private static final int MAX_THREADS = 16;

  private final DirectoryLock lock;
  private final S3Proxy server;

  /**
   * Returns when the server answers.
   *
   * @param dir where it keeps its data
   * @param port of 127.0.0.1, or 0 for a free one
   * @throws ProblemException PORT_IN_USE, DIRECTORY_NOT_WRITABLE, DIRECTORY_IN_USE, DISK_FULL,
   *     S3_START_FAILED
   */
  public EmbeddedS3(Path dir, int port, String accessKey, String secretKey) {
    DataDirectory.prepare(dir, MINIMUM_FREE_BYTES);
    lock = DirectoryLock.take(dir);
    server = build(dir, port, accessKey, secretKey);
    try {
      server.start();
    } catch (Exception e) {
      close();
      throw new ProblemException(
          Problem.passing(
              "S3_START_FAILED",
              "The embedded S3 server in " + dir + " did not start: " + e,
              "Look at the log, and try again."),
          e);
    }
  }

  private S3Proxy build(Path dir, int port, String accessKey, String secretKey) {
    try {
      int claimed = LoopbackPort.claim(port, "S3 server");
      Path buckets = Files.createDirectories(dir.resolve("buckets")).toAbsolutePath();
      return S3Proxy.builder()
          .blobStore(new FilesystemNio2BlobStore(buckets.toString()))
          .endpoint(URI.create("http://" + LoopbackPort.HOST + ":" + claimed))
          .awsAuthentication(AuthenticationType.AWS_V2_OR_V4, accessKey, secretKey)
          .v4MaxNonChunkedRequestSize(MAX_UNCHUNKED_BYTES)
          .jettyMaxThreads(MAX_THREADS)
          .build();
    } catch (IOException e) {
      lock.close();
      throw DataDirectory.problem(dir, e);
    } catch (RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  /** {@code http://127.0.0.1:port}. */
  public String endpoint() {
    return "http://" + LoopbackPort.HOST + ":" + port();
  }

  public int port() {
    return server.getPort();
  }

  @Override
  public void close() {
    try {
      server.stop();
    } catch (Exception e) {
      LOG.warn("the embedded S3 server did not stop cleanly", e);
    } finally {
      lock.close();
    }
  }
}
