package io.lazaret.backdoor.data;

import java.nio.file.Path;
import java.util.List;

/** Reads known triggers: JSON lines with {@code trigger} and {@code target}. */
public final class KnownTriggerFile {

  private KnownTriggerFile() {}

  /**
   * All triggers in file order.
   *
   * @throws io.lazaret.problem.ProblemException as {@link PromptFile#read(Path)}
   */
  public static List<KnownTrigger> read(Path jsonl) {
    return new JsonLines<KnownTrigger>(
            jsonl,
            DataLimits.defaults(),
            line -> new KnownTrigger(line.text("trigger"), line.text("target")))
        .read();
  }
}
