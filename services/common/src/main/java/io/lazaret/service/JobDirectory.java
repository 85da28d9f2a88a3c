package io.lazaret.service;

import io.lazaret.problem.Problem;
import io.lazaret.problem.ProblemException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/**
 * A folder for one job: empty when the job begins, gone when it ends, whatever an earlier try of
 * the same job left there.
 */
public final class JobDirectory implements AutoCloseable {

  private final Path path;

  private JobDirectory(Path path) {
    this.path = path;
  }

  /** Empties and opens a folder. */
  public static JobDirectory open(Path path) {
    try {
      delete(path);
      Files.createDirectories(path);
      return new JobDirectory(path);
    } catch (IOException e) {
      throw unusable(path, e);
    }
  }

  public Path path() {
    return path;
  }

  @Override
  public void close() {
    try {
      delete(path);
    } catch (IOException e) {
      throw unusable(path, e);
    }
  }

  /** Removes a folder and all below it. */
  public static void delete(Path root) throws IOException {
    if (!Files.exists(root)) {
      return;
    }
    try (Stream<Path> tree = Files.walk(root)) {
      for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    }
  }

  private static ProblemException unusable(Path path, IOException cause) {
    return new ProblemException(
        Problem.passing(
            "WORK_DIRECTORY_UNUSABLE",
            path + " cannot be used: " + cause.getMessage() + ".",
            "Check the disk under lazaret.work.dir."),
        cause);
  }
}
