package io.lazaret.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ProgressTest {

  private final StringWriter err = new StringWriter();

  @Test
  void plainLinesTellEachStageEachTenthAndEachHalfMinute() {
    AtomicLong nanos = new AtomicLong();
    ProgressView view = new ProgressLines(terminal(false), nanos::get);
    view.show(new ProgressView.Step("detection (round 1)", 0.01, 100, "sweep"));
    view.show(new ProgressView.Step("detection (round 1)", 0.02, 99, "sweep"));
    nanos.set(5_000_000_000L);
    view.show(new ProgressView.Step("detection (round 1)", 0.11, 90, "sweep"));
    nanos.set(36_000_000_000L);
    view.show(new ProgressView.Step("detection (round 1)", 0.12, -1, ""));
    view.show(new ProgressView.Step("simulation (round 1)", 0.0, -1, "a\nb"));
    assertThat(err.toString().lines())
        .containsExactly(
            "[0:00] detection (round 1)   1 %  ETA 1:40  sweep",
            "[0:05] detection (round 1)  11 %  ETA 1:30  sweep",
            "[0:36] detection (round 1)  12 %",
            "[0:36] simulation (round 1)   0 %  a\\nb");
  }

  @Test
  void theBarFitsTheTerminalAndHasNoColourUnlessWanted() {
    ProgressView view = new ProgressBar(terminal(false));
    view.show(new ProgressView.Step("detection (round 1)", 0.5, 3700, "x".repeat(500)));
    String line = err.toString().replace("\r\u001b[K", "");
    assertThat(line)
        .startsWith("[############............]  50 %  detection (round 1)  ETA 1:01:40");
    assertThat(line).hasSizeLessThan(80).doesNotContain("\u001b");
  }

  @Test
  void aFinishedStageLeavesALine() {
    ProgressView view = new ProgressBar(terminal(true));
    view.show(new ProgressView.Step("detection (round 1)", 1, 0, ""));
    view.show(new ProgressView.Step("simulation (round 1)", 0, -1, ""));
    view.close();
    assertThat(err.toString()).contains("\u001b[32mdone \u001b[0mdetection (round 1)\n");
    assertThat(err.toString()).endsWith("\r\u001b[K");
  }

  private Terminal terminal(boolean colour) {
    PrintWriter writer = new PrintWriter(err, true);
    return new Terminal(writer, writer, true, colour, 80);
  }
}
