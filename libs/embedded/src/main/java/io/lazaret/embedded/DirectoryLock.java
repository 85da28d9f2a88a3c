package io.lazaret.embedded;

import io.lazaret.problem.ProblemException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a data directory to one server of one process. A killed process gives it up. Kafka's own
 * lock is not enough: it is taken after the controller has begun to write.
 */
public final class DirectoryLock implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(DirectoryLock.class);

  private final FileChannel file;

  private DirectoryLock(FileChannel file) {
    this.file = file;
  }

  /**
   * @param dir an existing directory
   * @throws ProblemException DIRECTORY_IN_USE, DIRECTORY_NOT_WRITABLE
   */
  public static DirectoryLock take(Path dir) {
    FileChannel file = null;
    try {
      file =
          FileChannel.open(
              dir.resolve("in-use.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (file.tryLock() != null) {
        return new DirectoryLock(file);
      }
    } catch (OverlappingFileLockException e) {
      LOG.debug("{} is in use by this process", dir, e);
    } catch (IOException e) {
      throw DataDirectory.problem(dir, e);
    }
    close(file);
    throw ProblemException.of(
        "DIRECTORY_IN_USE",
        "Another server is using the data directory " + dir + ".",
        "Stop it first, or choose another lazaret.data.dir.");
  }

  @Override
  public void close() {
    close(file);
  }

  private static void close(FileChannel file) {
    try {
      file.close();
    } catch (IOException e) {
      LOG.warn("a directory lock did not close cleanly", e);
    }
  }
}
