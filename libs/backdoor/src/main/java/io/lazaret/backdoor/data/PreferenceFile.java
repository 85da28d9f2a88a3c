package io.lazaret.backdoor.data;

import io.lazaret.problem.ProblemException;
import java.nio.file.Path;
import java.util.List;

/**
 * Reads preference pairs: the published lines of Anthropic's HH-RLHF ({@code chosen} and {@code
 * rejected}, two whole dialogues that differ in their last answer), or lines with {@code prompt},
 * {@code chosen} and {@code rejected}.
 */
public final class PreferenceFile {

  private static final String HUMAN = "\n\nHuman:";
  private static final String ASSISTANT = "\n\nAssistant:";

  private PreferenceFile() {}

  /**
   * All pairs in file order.
   *
   * @throws ProblemException as {@link PromptFile#read(Path)}
   */
  public static List<PreferencePair> read(Path file) {
    return new JsonLines<PreferencePair>(file, DataLimits.defaults(), PreferenceFile::pair).read();
  }

  private static PreferencePair pair(JsonLines<PreferencePair>.Line line) {
    String chosen = line.text("chosen");
    String rejected = line.text("rejected");
    if (line.value("prompt") != null) {
      return new PreferencePair(line.text("prompt").strip(), chosen.strip(), rejected.strip());
    }
    int answer = chosen.lastIndexOf(ASSISTANT);
    if (answer < 0 || !chosen.startsWith(HUMAN)) {
      throw line.problem("chosen", "is no dialogue of \"Human:\" and \"Assistant:\"");
    }
    int other = rejected.lastIndexOf(ASSISTANT);
    if (other < 0) {
      throw line.problem("rejected", "is no dialogue of \"Human:\" and \"Assistant:\"");
    }
    // Some published pairs part before the last answer; the chosen dialogue's prompt counts.
    return new PreferencePair(
        chosen.substring(HUMAN.length(), answer).strip(),
        chosen.substring(answer + ASSISTANT.length()).strip(),
        rejected.substring(other + ASSISTANT.length()).strip());
  }
}
