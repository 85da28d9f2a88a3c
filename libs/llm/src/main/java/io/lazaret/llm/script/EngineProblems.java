package io.lazaret.llm.script;

import io.lazaret.problem.Problem;
import io.lazaret.problem.ProblemException;

/** Names what the native tensor engine reports as an exception text. */
public final class EngineProblems {

  private static final int MAX_TEXT = 300;

  private EngineProblems() {}

  /**
   * A failure of the engine as a problem.
   *
   * @param task what was being done
   */
  public static ProblemException of(String task, RuntimeException e) {
    String message = String.valueOf(e.getMessage());
    if (message.contains("allocate memory") || message.contains("out of memory")) {
      return new ProblemException(
          Problem.passing(
              "OUT_OF_MEMORY",
              "The tensor engine could not allocate memory for: " + task + ".",
              "Give the process more memory, or use smaller batches."),
          e);
    }
    String text = message.length() > MAX_TEXT ? message.substring(0, MAX_TEXT) + "…" : message;
    return new ProblemException(
        Problem.of(
            "ENGINE_FAILURE",
            "The tensor engine failed in: " + task + ": " + text,
            "Report this problem together with the log."),
        e);
  }
}
