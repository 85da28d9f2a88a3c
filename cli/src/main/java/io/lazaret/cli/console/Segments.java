package io.lazaret.cli.console;

import io.lazaret.problem.ProblemException;

/** Parts of paths that come from people. */
final class Segments {

  private Segments() {}

  /**
   * A name as one segment of a path.
   *
   * @throws ProblemException NAME_INVALID for what would be several, or none
   */
  static String one(String name) {
    if (name.isBlank() || name.contains("/") || name.equals(".") || name.equals("..")) {
      throw ProblemException.of(
          "NAME_INVALID", "\"" + name + "\" is not a name or an id.", "Give it as it is listed.");
    }
    return name;
  }
}
