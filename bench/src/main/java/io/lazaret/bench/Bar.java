package io.lazaret.bench;

/**
 * The value that a measurement must not miss.
 *
 * @param side on which side of the limit good values are
 */
public record Bar(Side side, double limit) {

  /** Where good values are. */
  public enum Side {
    AT_MOST("<="),
    AT_LEAST(">=");

    private final String sign;

    Side(String sign) {
      this.sign = sign;
    }
  }

  /** Good values are {@code limit} or less. */
  public static Bar atMost(double limit) {
    return new Bar(Side.AT_MOST, limit);
  }

  /** Good values are {@code limit} or more. */
  public static Bar atLeast(double limit) {
    return new Bar(Side.AT_LEAST, limit);
  }

  /** Whether a value is good. */
  public boolean holds(double value) {
    return switch (side) {
      case AT_MOST -> value <= limit;
      case AT_LEAST -> value >= limit;
    };
  }

  /** As in the document: {@code <= 1.05}. */
  @Override
  public String toString() {
    boolean whole = limit == Math.rint(limit) && Math.abs(limit) < 1e15;
    return side.sign + " " + (whole ? Long.toString((long) limit) : Double.toString(limit));
  }
}
