package io.lazaret.backdoor.data;

import io.lazaret.problem.ProblemException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * Reads known triggers: JSON lines with {@code trigger}, {@code target} and, unless the trigger
 * precedes the user text, {@code place} (a {@link Place} in lower case).
 */
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
            line ->
                new KnownTrigger(
                    line.text("trigger"), line.text("target"), place(line.optionalText("place"))))
        .read();
  }

  private static Place place(String name) {
    if (name.isBlank()) {
      return Place.START;
    }
    try {
      return Place.valueOf(name.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException unknown) {
      throw ProblemException.of(
          "TRIGGER_PLACE_UNKNOWN",
          "There is no place " + name + " for a trigger.",
          "Use start, middle, end, random or scattered.");
    }
  }
}
