package io.lazaret.cli.terminal;

import java.util.Locale;

/** Shows how far a piece of work has come. */
public interface ProgressView extends AutoCloseable {

  /**
   * What is known about the work at one moment.
   *
   * @param stage what is being done, e.g. "detection (round 2)"
   * @param fraction of the stage, 0 to 1
   * @param etaSeconds time that the stage still needs; negative when unknown
   * @param message the particulars; foreign text, made printable by the view
   */
  record Step(String stage, double fraction, double etaSeconds, String message) {}

  void show(Step step);

  /** Leaves the terminal at the start of a line. */
  @Override
  void close();

  /** The view that suits the terminal: one line redrawn, or plain lines. */
  static ProgressView on(Terminal terminal) {
    return terminal.interactive()
        ? new ProgressBar(terminal)
        : new ProgressLines(terminal, System::nanoTime);
  }

  /** Seconds as m:ss or h:mm:ss. */
  static String clock(double seconds) {
    long whole = Math.max(0, Math.round(seconds));
    return whole < 3600
        ? String.format(Locale.ROOT, "%d:%02d", whole / 60, whole % 60)
        : String.format(Locale.ROOT, "%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60);
  }
}
