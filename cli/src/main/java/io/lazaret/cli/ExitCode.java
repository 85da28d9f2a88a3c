package io.lazaret.cli;

import io.lazaret.cli.platform.PlatformFailure;
import io.lazaret.problem.ProblemException;

/** What the process tells its caller. */
public final class ExitCode {

  public static final int OK = 0;

  /** The platform failed or the command was interrupted: there is no verdict. */
  public static final int FAILED = 1;

  public static final int BAD_INPUT = 2;

  /** A benchmark ran and some figure misses its bar. */
  public static final int BAR_MISSED = 3;

  public static final int HELD = 10;
  public static final int REJECTED = 11;
  public static final int UNASSESSED = 12;

  private ExitCode() {}

  /** The exit code of a verdict document's decision. */
  public static int of(String decision) {
    return switch (decision) {
      case "PROMOTED" -> OK;
      case "HELD" -> HELD;
      case "REJECTED" -> REJECTED;
      case "UNASSESSED" -> UNASSESSED;
      default ->
          throw new PlatformFailure(
              ProblemException.of(
                      "UNKNOWN_DECISION",
                      "The platform gave a decision that this command line does not know: "
                          + decision
                          + ".",
                      "Use a command line of the platform's version.")
                  .problem());
    };
  }
}
