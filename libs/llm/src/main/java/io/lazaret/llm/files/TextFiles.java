package io.lazaret.llm.files;

import io.lazaret.llm.files.bounded.BoundedFile;
import io.lazaret.llm.files.tokenizer.TokenizerFile;
import io.lazaret.problem.ProblemException;
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
   * @throws ProblemException {@code MODEL_FILE_TOO_LARGE} or {@code MODEL_FILE_UNREADABLE}
   */
  public static Map<String, byte[]> readAll(Path dir) {
    Map<String, byte[]> files = new LinkedHashMap<>();
    LIMITS.keySet().stream()
        .sorted()
        .filter(name -> Files.isRegularFile(dir.resolve(name)))
        .forEach(name -> files.put(name, BoundedFile.read(dir.resolve(name), LIMITS.get(name))));
    return files;
  }
}
