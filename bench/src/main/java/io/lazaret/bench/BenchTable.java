package io.lazaret.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A benchmark's result as text. */
public final class BenchTable {

  private static final List<String> HEAD = List.of("measurement", "value", "unit", "bar", "");

  private BenchTable() {}

  /** Heading, one line for each measurement, and the count of bars. */
  public static String of(BenchDocument document) {
    List<List<String>> lines = new ArrayList<>();
    lines.add(HEAD);
    document.measurements().forEach(measurement -> lines.add(cells(measurement)));
    StringBuilder text = new StringBuilder();
    text.append(document.bench()).append(", commit ").append(document.commit()).append(", ");
    text.append(document.date()).append('\n').append(document.machine()).append('\n');
    document.notes().forEach(note -> text.append(note).append('\n'));
    text.append('\n');
    int[] widths = new int[HEAD.size()];
    for (List<String> line : lines) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], line.get(i).length());
      }
    }
    lines.forEach(line -> text.append(row(line, widths)).append('\n'));
    long bars = document.measurements().stream().filter(m -> m.bar() != null).count();
    long missed = document.measurements().stream().filter(Measurement::misses).count();
    text.append(String.format(Locale.ROOT, "%n%d of %d bars hold.%n", bars - missed, bars));
    return text.toString();
  }

  /**
   * Figures that have a bar, as a table of a report.
   *
   * @param decimals of the values
   */
  public static String markdown(List<Measurement> bars, int decimals) {
    StringBuilder text = new StringBuilder("| figure | value | bar | holds |\n|---|---|---|---|\n");
    for (Measurement bar : bars) {
      text.append(
          String.format(
              Locale.ROOT,
              "| %s | %." + decimals + "f %s | %s | %s |%n",
              bar.name(),
              bar.value(),
              bar.unit(),
              bar.bar(),
              bar.misses() ? "no" : "yes"));
    }
    return text.toString();
  }

  private static List<String> cells(Measurement measurement) {
    String bar = measurement.bar() == null ? "" : measurement.bar().toString();
    String mark = measurement.bar() == null ? "" : measurement.misses() ? "MISSED" : "holds";
    return List.of(measurement.name(), number(measurement.value()), measurement.unit(), bar, mark);
  }

  private static String row(List<String> cells, int[] widths) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < widths.length; i++) {
      // The second column holds the numbers.
      String format = i == 1 ? "%" + widths[i] + "s  " : "%-" + Math.max(1, widths[i]) + "s  ";
      line.append(String.format(Locale.ROOT, format, cells.get(i)));
    }
    return line.toString().stripTrailing();
  }

  private static String number(double value) {
    double size = Math.abs(value);
    if (value == Math.rint(value) && size < 1e9) {
      return Long.toString((long) value);
    }
    String format = size >= 1000 ? "%.0f" : size >= 100 ? "%.1f" : size >= 0.01 ? "%.3f" : "%.3g";
    return String.format(Locale.ROOT, format, value);
  }
}
