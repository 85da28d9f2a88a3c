package io.lazaret.cli.terminal;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lazaret.problem.Problem;

/** Tells of a problem: two lines for a person, and one JSON document where that was asked for. */
public final class ProblemReport {

  private final Terminal terminal;
  private final boolean json;

  public ProblemReport(Terminal terminal, boolean json) {
    this.terminal = terminal;
    this.json = json;
  }

  /** Prints the problem on the error stream, and with {@code --json} its document on stdout. */
  public void print(Problem problem) {
    terminal.note(
        terminal.red("problem: ") + Printable.of(problem.sentence()) + " [" + problem.code() + "]");
    terminal.note(terminal.bold("next:    ") + Printable.of(problem.nextStep()));
    if (json) {
      ObjectNode document = new ObjectMapper().createObjectNode();
      document.put("type", "urn:lazaret:problem:" + problem.code());
      document.put("code", problem.code());
      document.put("detail", problem.sentence());
      document.put("nextStep", problem.nextStep());
      document.put("retryable", problem.retryable());
      terminal.out().println(document.toPrettyString());
      terminal.out().flush();
    }
  }

  /** Prints what nobody foresaw, with its trace, since that is what a report needs. */
  public void unexpected(Exception thrown) {
    print(
        Problem.of(
            "INTERNAL_ERROR",
            "The command line failed: " + thrown + ".",
            "Report it with the lines below."));
    thrown.printStackTrace(terminal.err());
    terminal.err().flush();
  }
}
