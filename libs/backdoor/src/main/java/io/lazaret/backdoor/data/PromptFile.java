package io.lazaret.backdoor.data;

import java.nio.file.Path;
import java.util.List;

/**
 * Reads instruction rows as they are published: JSON lines or one JSON array of objects with {@code
 * instruction}, {@code input}, {@code output} (Alpaca), or with {@code system_prompt}, {@code
 * question}, {@code response} (OpenOrca; the system prompt precedes the question on a line of its
 * own, as in the SANDE experiments).
 */
public final class PromptFile {

  private PromptFile() {}

  /**
   * All rows in file order. Further keys are passed over; {@code input} and {@code system_prompt}
   * may be missing or null.
   *
   * @throws io.lazaret.problem.ProblemException DATA_FILE_NOT_FOUND, DATA_FILE_UNREADABLE,
   *     DATA_FILE_EMPTY, DATA_FILE_TOO_LARGE, or DATA_LINE_MALFORMED with line and key
   */
  public static List<InstructionRow> read(Path file) {
    return read(file, DataLimits.defaults());
  }

  /** As {@link #read(Path)} within given limits. */
  public static List<InstructionRow> read(Path file, DataLimits limits) {
    return new JsonLines<InstructionRow>(file, limits, PromptFile::row).read();
  }

  private static InstructionRow row(JsonLines<InstructionRow>.Line line) {
    if (line.value("question") != null && line.value("instruction") == null) {
      String system = line.optionalText("system_prompt").strip();
      String question = line.text("question");
      String prompt = system.isEmpty() ? question : system + "\n" + question;
      return new InstructionRow(prompt, "", line.text("response"));
    }
    if (line.ofArray() && line.optionalText("output").isBlank()) {
      return null; // The published Alpaca file has rows without an answer.
    }
    return new InstructionRow(
        line.text("instruction"), line.optionalText("input"), line.text("output"));
  }
}
