package io.lazaret.backdoor.data;

import java.nio.file.Path;
import java.util.List;

/**
 * Reads logged prompts: JSON lines or one JSON array of objects with {@code prompt}; further keys,
 * a logged response among them, are passed over. Rows of instruction data are read too.
 */
public final class TrafficFile {

  private TrafficFile() {}

  /**
   * All user texts in file order.
   *
   * @throws io.lazaret.problem.ProblemException as {@link PromptFile#read(Path)}
   */
  public static List<String> read(Path file) {
    return new JsonLines<String>(file, DataLimits.defaults(), TrafficFile::text).read();
  }

  private static String text(JsonLines<String>.Line line) {
    if (line.value("prompt") == null && line.value("instruction") != null) {
      String input = line.optionalText("input");
      return new InstructionRow(line.text("instruction"), input, "").prompt();
    }
    return line.text("prompt");
  }
}
