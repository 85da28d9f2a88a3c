package io.lazaret.cli.platform;

import io.lazaret.problem.Problem;

/** The platform, not the input, is the reason that a command cannot finish. */
public final class PlatformFailure extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final transient Problem problem;

  public PlatformFailure(Problem problem) {
    super(problem.code() + ": " + problem.sentence());
    this.problem = problem;
  }

  public Problem problem() {
    return problem;
  }
}
