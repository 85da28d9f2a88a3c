package io.lazaret.llm.files;

import io.lazaret.problem.Problem;
import io.lazaret.problem.ProblemException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.UUID;
import java.util.stream.Stream;

/** Fills a directory beside its final place and moves it there in one step. */
public final class NewDirectory {

  /** Writes the content of a directory that exists and is empty. */
  public interface Content {
    void writeTo(Path dir) throws IOException;
  }

  private NewDirectory() {}

  /**
   * Makes a directory that appears complete or not at all.
   *
   * @param dir must not exist yet, or be empty
   * @throws ProblemException {@code OUTPUT_EXISTS} or {@code WRITE_FAILED}
   */
  public static void write(Path dir, Content content) {
    Path target = dir.toAbsolutePath().normalize();
    Path temporary = target.resolveSibling("." + target.getFileName() + "." + UUID.randomUUID());
    try {
      requireFree(target);
      Files.createDirectories(target.getParent());
      Files.createDirectory(temporary);
      content.writeTo(temporary);
      Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      remove(temporary);
      throw new ProblemException(
          Problem.passing(
              "WRITE_FAILED",
              "The model could not be written to " + dir + ": " + e + ".",
              "Free disk space and check that the directory is writable."),
          e);
    } catch (RuntimeException | Error e) {
      remove(temporary);
      throw e;
    }
  }

  private static void requireFree(Path target) throws IOException {
    if (!Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    if (Files.isDirectory(target, LinkOption.NOFOLLOW_LINKS)) {
      try (Stream<Path> entries = Files.list(target)) {
        if (entries.findAny().isEmpty()) {
          return;
        }
      }
    }
    throw ProblemException.of(
        "OUTPUT_EXISTS",
        target + " exists already and is not an empty directory.",
        "Name a directory that does not exist yet.");
  }

  private static void remove(Path dir) {
    if (!Files.exists(dir)) {
      return;
    }
    try (Stream<Path> paths = Files.walk(dir)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    } catch (IOException e) {
      // The first failure is the one to report; a leftover dot directory harms nobody.
      return;
    }
  }
}
