package io.lazaret.cli.terminal;

import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;

/**
 * Where output goes and what it can show.
 *
 * @param out results
 * @param err progress and problems
 * @param interactive whether {@code err} is a terminal that can redraw a line
 * @param colour whether colours are wanted; never when NO_COLOR is set (no-color.org)
 * @param columns width of the terminal in characters
 */
public record Terminal(
    PrintWriter out, PrintWriter err, boolean interactive, boolean colour, int columns) {

  private static final int DEFAULT_COLUMNS = 80;
  private static final int FEWEST_COLUMNS = 40;

  /** The terminal of this process, as the start script describes it in system properties. */
  public static Terminal ofProcess() {
    boolean interactive = Boolean.getBoolean("lazaret.terminal");
    String noColour = System.getenv("NO_COLOR");
    boolean colour = interactive && (noColour == null || noColour.isEmpty());
    int columns = Integer.getInteger("lazaret.columns", DEFAULT_COLUMNS);
    return new Terminal(
        utf8(System.out), utf8(System.err), interactive, colour, Math.max(FEWEST_COLUMNS, columns));
  }

  /** A line of progress or explanation. */
  public void note(String line) {
    err.println(line);
    err.flush();
  }

  /** {@code text} in bold where the terminal shows it. */
  public String bold(String text) {
    return styled("1", text);
  }

  /** {@code text} in green where the terminal shows it. */
  public String green(String text) {
    return styled("32", text);
  }

  /** {@code text} in yellow where the terminal shows it. */
  public String yellow(String text) {
    return styled("33", text);
  }

  /** {@code text} in red where the terminal shows it. */
  public String red(String text) {
    return styled("31", text);
  }

  private String styled(String code, String text) {
    return colour ? "\u001b[" + code + "m" + text + "\u001b[0m" : text;
  }

  private static PrintWriter utf8(PrintStream stream) {
    return new PrintWriter(
        new SafeWriter(new OutputStreamWriter(stream, StandardCharsets.UTF_8)), true);
  }
}
