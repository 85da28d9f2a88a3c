package io.lazaret.cli.console;

import io.lazaret.problem.ProblemException;
import picocli.CommandLine.Option;

/** How much of a list is wanted. */
final class LimitOption {

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "50",
      description = "At most so many (default: 50).")
  private int limit;

  int limit() {
    if (limit < 1) {
      throw ProblemException.of("USAGE", "--limit is " + limit + ".", "Give at least 1.");
    }
    return limit;
  }
}
