package io.lazaret.standalone;

import io.lazaret.problem.Problem;
import io.lazaret.problem.ProblemException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** One process per data directory; the lock ends with the process, however that ends. */
final class DataLock implements AutoCloseable {

  private final FileChannel channel;

  private DataLock(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * @throws ProblemException DATA_DIR_IN_USE, DATA_DIR_UNUSABLE
   */
  static DataLock take(Path data) {
    FileChannel channel = null;
    try {
      Files.createDirectories(data);
      channel =
          FileChannel.open(
              data.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      FileLock lock = channel.tryLock();
      if (lock != null) {
        return new DataLock(channel);
      }
    } catch (OverlappingFileLockException heldHere) {
      // the same as a lock held by another process
    } catch (IOException e) {
      throw new ProblemException(
          Problem.of(
              "DATA_DIR_UNUSABLE",
              "The data directory " + data + " cannot be used: " + e.getMessage() + ".",
              "Give another one with lazaret.data.dir, or correct its permissions."),
          e);
    }
    closeQuietly(channel);
    throw ProblemException.of(
        "DATA_DIR_IN_USE",
        "Another process works on the data directory " + data.toAbsolutePath() + ".",
        "Use the platform that runs there, stop it, or give another lazaret.data.dir.");
  }

  private static void closeQuietly(FileChannel channel) {
    try {
      channel.close();
    } catch (IOException leftToTheEndOfTheProcess) {
      // nothing was locked through it
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
