package io.lazaret.problem;

/** Carries a {@link Problem} up to the edge that reports it. */
public final class ProblemException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final transient Problem problem;

  public ProblemException(Problem problem) {
    this(problem, null);
  }

  public ProblemException(Problem problem, Throwable cause) {
    super(problem.code() + ": " + problem.sentence(), cause);
    this.problem = problem;
  }

  /** A problem that only a change of the input, the settings or the machine can solve. */
  public static ProblemException of(String code, String sentence, String nextStep) {
    return new ProblemException(Problem.of(code, sentence, nextStep));
  }

  public Problem problem() {
    return problem;
  }
}
