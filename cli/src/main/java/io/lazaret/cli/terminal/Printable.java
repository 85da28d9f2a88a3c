package io.lazaret.cli.terminal;

import java.util.Locale;

/**
 * Foreign text made safe to print. What a model says or is called must not be able to move the
 * cursor, change colours, or reverse the reading direction of what stands beside it.
 */
public final class Printable {

  private Printable() {}

  /** Control, format, surrogate and unassigned characters as escapes; everything else as it is. */
  public static String of(String text) {
    StringBuilder safe = new StringBuilder(text.length());
    text.codePoints().forEach(point -> append(safe, point));
    return safe.toString();
  }

  /** As {@link #of}, cut to at most {@code width} characters with an ellipsis. */
  public static String of(String text, int width) {
    String safe = of(text);
    return safe.length() <= width ? safe : safe.substring(0, Math.max(0, width - 1)) + "…";
  }

  /** As {@link #of}, in quotes, so that blanks at the ends are seen. */
  public static String quoted(String text) {
    return "\"" + of(text).replace("\"", "\\\"") + "\"";
  }

  private static void append(StringBuilder safe, int point) {
    switch (point) {
      case '\n' -> safe.append("\\n");
      case '\r' -> safe.append("\\r");
      case '\t' -> safe.append("\\t");
      default -> {
        if (isUnsafe(point)) {
          safe.append(String.format(Locale.ROOT, point > 0xFFFF ? "\\u{%X}" : "\\u%04X", point));
        } else {
          safe.appendCodePoint(point);
        }
      }
    }
  }

  private static boolean isUnsafe(int point) {
    return switch (Character.getType(point)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          true;
      default -> false;
    };
  }
}
