package io.lazaret.llm.files;

import io.lazaret.problem.ProblemException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** The text files of a model directory that travel unchanged with its weights. */
public final class TextFiles {

  private static final long SMALL = 4L << 20;

  /** Name and largest size in bytes. */
  private static final Map<String, Long> LIMITS =
      Map.of(
          TokenizerFile.NAME,
          TokenizerFile.MAX_BYTES,
          "tokenizer_config.json",
          SMALL,
          "special_tokens_map.json",
          SMALL,
          "generation_config.json",
          SMALL,
          "chat_template.jinja",
          SMALL);

  private TextFiles() {}

  /**
   * Reads those that exist.
   *
   * @throws ProblemException {@code MODEL_FILE_TOO_LARGE}
   */
  public static Map<String, byte[]> readAll(Path dir) {
    Map<String, byte[]> files = new LinkedHashMap<>();
    LIMITS.keySet().stream()
        .sorted()
        .filter(name -> Files.isRegularFile(dir.resolve(name)))
        .forEach(name -> files.put(name, read(dir.resolve(name), LIMITS.get(name))));
    return files;
  }

  private static byte[] read(Path file, long limit) {
    try {
      long size = Files.size(file);
      if (size > limit) {
        throw ProblemException.of(
            "MODEL_FILE_TOO_LARGE",
            file.getFileName() + " has " + size + " bytes; the limit is " + limit + ".",
            "Check that the file is the one that belongs to the model.");
      }
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
