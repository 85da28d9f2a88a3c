package io.lazaret.embedded;

import io.lazaret.problem.Problem;
import io.lazaret.problem.ProblemException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** A directory that a server keeps its data in. */
public final class DataDirectory {

  private DataDirectory() {}

  /**
   * Makes the directory if it is missing and tries it out.
   *
   * @param minimumFreeBytes free space needed to start
   * @throws ProblemException DIRECTORY_NOT_WRITABLE, DISK_FULL
   */
  public static void prepare(Path dir, long minimumFreeBytes) {
    try {
      Files.createDirectories(dir);
      Files.delete(Files.createTempFile(dir, ".writable", null));
      long free = Files.getFileStore(dir).getUsableSpace();
      if (free < minimumFreeBytes) {
        throw new ProblemException(
            Problem.passing(
                "DISK_FULL",
                String.format(
                    Locale.ROOT,
                    "%s has %d MiB left, %d MiB are needed to start.",
                    dir,
                    free >> 20,
                    minimumFreeBytes >> 20),
                "Free space on that disk, or choose another lazaret.data.dir."));
      }
    } catch (IOException e) {
      throw problem(dir, e);
    }
  }

  /** What an I/O error in a data directory means: DISK_FULL or DIRECTORY_NOT_WRITABLE. */
  public static ProblemException problem(Path dir, IOException error) {
    String message = String.valueOf(error.getMessage());
    if (message.contains("No space left") || message.contains("quota exceeded")) {
      return new ProblemException(
          Problem.passing(
              "DISK_FULL",
              "No space is left for " + dir + ": " + message,
              "Free space on that disk, or choose another lazaret.data.dir."),
          error);
    }
    String why =
        error instanceof AccessDeniedException
            ? "permission denied"
            : error instanceof FileAlreadyExistsException ? "it is a file" : message;
    return new ProblemException(
        Problem.of(
            "DIRECTORY_NOT_WRITABLE",
            "The data directory " + dir + " cannot be used: " + why,
            "Give the user write access to it, or choose another lazaret.data.dir."),
        error);
  }
}
