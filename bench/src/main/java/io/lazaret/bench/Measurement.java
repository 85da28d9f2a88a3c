package io.lazaret.bench;

/**
 * One figure.
 *
 * @param name what was measured, words separated by dots, general to particular
 * @param value a number; what could not be measured is left out, not faked
 * @param unit e.g. "ratio", "s", "MiB"
 * @param bar what the value has to reach; null for a figure that only informs
 */
public record Measurement(String name, double value, String unit, Bar bar) {

  public Measurement {
    if (!Double.isFinite(value)) {
      throw new IllegalArgumentException(name + " is " + value);
    }
  }

  /** A figure without a bar. */
  public static Measurement of(String name, double value, String unit) {
    return new Measurement(name, value, unit, null);
  }

  /** Whether the value misses its bar. */
  public boolean misses() {
    return bar != null && !bar.holds(value);
  }
}
