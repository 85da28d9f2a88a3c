package io.lazaret.cli.terminal;

import java.util.Locale;

/** One line that is redrawn: bar, percentage, stage, time left, particulars. */
final class ProgressBar implements ProgressView {

  private static final int CELLS = 24;
  private static final String ERASE_LINE = "\r\u001b[K";

  private final Terminal terminal;
  private String stage = "";
  private boolean worked;

  ProgressBar(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public void show(Step step) {
    String seen = Printable.of(step.stage());
    if (!stage.equals(seen)) {
      if (worked) {
        terminal.err().println(ERASE_LINE + terminal.green("done ") + stage);
      }
      stage = seen;
      worked = false;
    }
    worked |= step.fraction() > 0;
    terminal.err().print(ERASE_LINE + line(step));
    terminal.err().flush();
  }

  @Override
  public void close() {
    if (!stage.isEmpty()) {
      terminal.err().print(ERASE_LINE);
      terminal.err().flush();
    }
  }

  private String line(Step step) {
    double fraction = Math.max(0, Math.min(1, step.fraction()));
    int full = (int) Math.round(fraction * CELLS);
    String bar = "#".repeat(full) + ".".repeat(CELLS - full);
    String eta = step.etaSeconds() < 0 ? "" : "  ETA " + ProgressView.clock(step.etaSeconds());
    String tail =
        String.format(Locale.ROOT, " %3.0f %%  ", fraction * 100)
            + stage
            + eta
            + (step.message().isEmpty() ? "" : "  " + Printable.of(step.message()));
    int room = Math.max(0, terminal.columns() - CELLS - 3);
    return "[" + terminal.green(bar) + "]" + Printable.of(tail, room);
  }
}
