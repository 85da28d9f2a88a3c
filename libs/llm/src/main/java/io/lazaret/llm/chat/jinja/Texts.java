package io.lazaret.llm.chat.jinja;

import java.util.Locale;
import java.util.stream.IntStream;

/** Texts as Python sees them: code points, Unicode whitespace, string literals. */
final class Texts {

  private Texts() {}

  static boolean isSpace(int c) {
    return c >= 0x9 && c <= 0xd
        || c >= 0x1c && c <= 0x20
        || c == 0x85
        || c == 0xa0
        || c == 0x1680
        || c >= 0x2000 && c <= 0x200a
        || c == 0x2028
        || c == 0x2029
        || c == 0x202f
        || c == 0x205f
        || c == 0x3000;
  }

  static boolean isBlank(String text) {
    return text.chars().allMatch(Texts::isSpace);
  }

  static String stripStart(String text) {
    return strip(text, null, true, false);
  }

  static String stripEnd(String text) {
    return strip(text, null, false, true);
  }

  /** Without the given characters, or whitespace where they are null, at the chosen ends. */
  static String strip(String text, String chars, boolean start, boolean end) {
    int[] points = text.codePoints().toArray();
    int from = 0;
    int to = points.length;
    while (start && from < to && strips(points[from], chars)) {
      from++;
    }
    while (end && to > from && strips(points[to - 1], chars)) {
      to--;
    }
    return new String(points, from, to - from);
  }

  private static boolean strips(int c, String chars) {
    return chars == null ? isSpace(c) : chars.indexOf(c) >= 0;
  }

  static int length(String text) {
    return text.codePointCount(0, text.length());
  }

  /** The code points at the given places. */
  static String at(String text, IntStream places) {
    int[] points = text.codePoints().toArray();
    int[] chosen = places.map(i -> points[i]).toArray();
    return new String(chosen, 0, chosen.length);
  }

  /**
   * Reads an escape of a string literal.
   *
   * @param at index after the backslash
   * @return index after the escape
   */
  static int unescape(String source, int at, StringBuilder out) {
    char c = source.charAt(at);
    int digits = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
    if (digits > 0) {
      int end = Math.min(source.length(), at + 1 + digits);
      String hex = source.substring(at + 1, end);
      if (hex.length() == digits && hex.matches("[0-9a-fA-F]+")) {
        long point = Long.parseLong(hex, 16);
        if (point <= Character.MAX_CODE_POINT) {
          out.appendCodePoint((int) point);
          return end;
        }
      }
      throw TemplateProblem.failed("a \\" + c + " escape is not valid");
    }
    String plain = "ntrabfv0\\'\"";
    String meant = "\n\t\r\u0007\b\f\u000b\0\\'\"";
    int index = plain.indexOf(c);
    if (index >= 0) {
      out.append(meant.charAt(index));
    } else if (c != '\n') {
      out.append('\\').append(c);
    }
    return at + 1;
  }

  static String capitalize(String text) {
    if (text.isEmpty()) {
      return text;
    }
    int end = text.offsetByCodePoints(0, 1);
    return upper(text.substring(0, end)) + lower(text.substring(end));
  }

  static String title(String text) {
    StringBuilder out = new StringBuilder();
    boolean inside = false;
    for (int c : text.codePoints().toArray()) {
      out.appendCodePoint(inside ? Character.toLowerCase(c) : Character.toTitleCase(c));
      inside = Character.isLetter(c);
    }
    return out.toString();
  }

  static String upper(String text) {
    return text.toUpperCase(Locale.ROOT);
  }

  static String lower(String text) {
    return text.toLowerCase(Locale.ROOT);
  }
}
