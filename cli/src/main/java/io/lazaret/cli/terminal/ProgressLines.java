package io.lazaret.cli.terminal;

import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * Plain lines for pipes and logs: a line for each stage, each tenth of it, and each half minute.
 */
final class ProgressLines implements ProgressView {

  private static final int STEPS_PER_STAGE = 10;
  private static final long LONGEST_SILENCE_NANOS = 30_000_000_000L;

  private final Terminal terminal;
  private final LongSupplier nanoTime;
  private final long started;
  private String stage = "";
  private int tenth = -1;
  private long told;

  ProgressLines(Terminal terminal, LongSupplier nanoTime) {
    this.terminal = terminal;
    this.nanoTime = nanoTime;
    this.started = nanoTime.getAsLong();
  }

  @Override
  public void show(Step step) {
    long now = nanoTime.getAsLong();
    int reached = (int) Math.floor(step.fraction() * STEPS_PER_STAGE);
    boolean news = !step.stage().equals(stage) || reached > tenth;
    if (!news && now - told < LONGEST_SILENCE_NANOS) {
      return;
    }
    stage = step.stage();
    tenth = reached;
    told = now;
    String eta = step.etaSeconds() < 0 ? "" : "  ETA " + ProgressView.clock(step.etaSeconds());
    String message = step.message().isEmpty() ? "" : "  " + Printable.of(step.message());
    terminal.note(
        String.format(
            Locale.ROOT,
            "[%s] %s %3.0f %%%s%s",
            ProgressView.clock((now - started) / 1e9),
            Printable.of(stage),
            step.fraction() * 100,
            eta,
            message));
  }

  @Override
  public void close() {}
}
