package io.lazaret.ingestion;

import io.lazaret.problem.Problem;
import io.lazaret.problem.ProblemException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/** Work on the staging disk; a full disk is a problem with a name. */
final class Disk {

  /** What the kernel says, through the JDK, when a disk is full (ENOSPC) or a quota is (EDQUOT). */
  private static final String FULL = "No space left";

  private static final String QUOTA = "quota exceeded";

  @FunctionalInterface
  interface Action {
    void run() throws IOException;
  }

  @FunctionalInterface
  interface Read<T> {
    T run() throws IOException;
  }

  private Disk() {}

  static void guarded(Action action) {
    guarded(
        () -> {
          action.run();
          return null;
        });
  }

  static <T> T guarded(Read<T> action) {
    try {
      return action.run();
    } catch (IOException e) {
      String message = String.valueOf(e.getMessage());
      if (message.contains(FULL) || message.contains(QUOTA)) {
        throw full(e);
      }
      throw new UncheckedIOException(e);
    }
  }

  private static ProblemException full(IOException cause) {
    return new ProblemException(
        Problem.passing(
            "DISK_FULL",
            "The disk of the ingestion service is full; the file was not kept.",
            "Free space in lazaret.work.dir and upload the file again."),
        cause);
  }

  /** Removes a folder and everything in it; one that is not there is removed already. */
  static void remove(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> tree = Files.walk(folder)) {
      for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
