package io.lazaret.backdoor.data;

import java.nio.file.Path;
import java.util.List;

/** Reads instruction rows: JSON lines with {@code instruction}, {@code input}, {@code output}. */
public final class PromptFile {

  private PromptFile() {}

  /**
   * All rows in file order. Further keys are passed over; {@code input} may be missing or null.
   *
   * @throws io.lazaret.problem.ProblemException DATA_FILE_NOT_FOUND, DATA_FILE_UNREADABLE,
   *     DATA_FILE_EMPTY, DATA_FILE_TOO_LARGE, or DATA_LINE_MALFORMED with line and key
   */
  public static List<InstructionRow> read(Path jsonl) {
    return read(jsonl, DataLimits.defaults());
  }

  /** As {@link #read(Path)} within given limits. */
  public static List<InstructionRow> read(Path jsonl, DataLimits limits) {
    return new JsonLines<InstructionRow>(
            jsonl,
            limits,
            line ->
                new InstructionRow(
                    line.text("instruction"), line.optionalText("input"), line.text("output")))
        .read();
  }
}
