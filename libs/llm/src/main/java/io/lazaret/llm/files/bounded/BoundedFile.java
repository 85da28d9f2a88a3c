package io.lazaret.llm.files.bounded;

import io.lazaret.problem.Problem;
import io.lazaret.problem.ProblemException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads small files of a model directory under a size limit. */
public final class BoundedFile {

  private BoundedFile() {}

  /**
   * The file's bytes.
   *
   * @param limit largest size that is accepted, in bytes
   * @throws ProblemException {@code MODEL_FILE_TOO_LARGE} or {@code MODEL_FILE_UNREADABLE}
   */
  public static byte[] read(Path file, long limit) {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] content = in.readNBytes(Math.toIntExact(limit + 1));
      if (content.length > limit) {
        throw ProblemException.of(
            "MODEL_FILE_TOO_LARGE",
            file.getFileName() + " has more than " + limit + " bytes, which is the limit.",
            "Check that the file is the one that belongs to the model.");
      }
      return content;
    } catch (IOException e) {
      throw unreadable(String.valueOf(file.getFileName()), e);
    }
  }

  /**
   * A file of a directory, refused where it is a link that leaves the directory or no file.
   *
   * @throws ProblemException {@code MODEL_FILE_OUTSIDE} or {@code MODEL_FILE_UNREADABLE}
   */
  public static Path inside(Path dir, String name) {
    Path file = dir.resolve(name);
    try {
      if (Files.isRegularFile(file) && file.toRealPath().startsWith(dir.toRealPath())) {
        return file;
      }
    } catch (IOException e) {
      throw unreadable(name, e);
    }
    throw ProblemException.of(
        "MODEL_FILE_OUTSIDE",
        name + " is not a regular file inside its directory.",
        "Copy the model with its links resolved.");
  }

  public static ProblemException unreadable(String file, IOException e) {
    return new ProblemException(
        Problem.passing(
            "MODEL_FILE_UNREADABLE",
            file + " could not be read: " + e + ".",
            "Check that the file exists, is complete and may be read."),
        e);
  }
}
