package io.lazaret.llm.chat.jinja;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * Values with Python's meaning of truth, equality, order and text. A value is null (none), a
 * Boolean, Long, Double, String, List, Map, {@link Namespace}, {@link Function} or {@link
 * Undefined}.
 */
final class Values {

  private final Budget budget;

  Values(Budget budget) {
    this.budget = budget;
  }

  Budget budget() {
    return budget;
  }

  static boolean truth(Object value) {
    if (value instanceof Boolean b) {
      return b;
    }
    if (value instanceof Long n) {
      return n != 0;
    }
    if (value instanceof Double d) {
      return d != 0;
    }
    if (value instanceof String s) {
      return !s.isEmpty();
    }
    if (value instanceof Collection<?> c) {
      return !c.isEmpty();
    }
    if (value instanceof Map<?, ?> m) {
      return !m.isEmpty();
    }
    return value != null && !(value instanceof Undefined);
  }

  boolean equal(Object a, Object b) {
    return equal(a, b, 0);
  }

  private boolean equal(Object a, Object b, int nesting) {
    budget.step();
    budget.requireDepth(nesting);
    if (isNumber(a) && isNumber(b)) {
      return compareNumbers(a, b) == 0;
    }
    if (a instanceof String s && b instanceof String t) {
      budget.chars(Math.min(s.length(), t.length()));
      return s.equals(t);
    }
    if (a instanceof List<?> x && b instanceof List<?> y) {
      boolean same = x.size() == y.size();
      for (int i = 0; same && i < x.size(); i++) {
        same = equal(x.get(i), y.get(i), nesting + 1);
      }
      return same;
    }
    if (a instanceof Map<?, ?> x && b instanceof Map<?, ?> y) {
      boolean same = x.size() == y.size();
      for (Map.Entry<?, ?> entry : x.entrySet()) {
        same =
            same
                && y.containsKey(entry.getKey())
                && equal(entry.getValue(), y.get(entry.getKey()), nesting + 1);
      }
      return same;
    }
    if (a instanceof Undefined && b instanceof Undefined) {
      return true;
    }
    return a == b;
  }

  static boolean isNumber(Object value) {
    return value instanceof Long || value instanceof Double || value instanceof Boolean;
  }

  static int compareNumbers(Object a, Object b) {
    if (a instanceof Double || b instanceof Double) {
      double x = real(a);
      double y = real(b);
      return x < y ? -1 : x > y ? 1 : x == y ? 0 : 2;
    }
    return Long.compare(whole(a), whole(b));
  }

  static double real(Object number) {
    return number instanceof Double d ? d : whole(number);
  }

  static long whole(Object number) {
    if (number instanceof Boolean b) {
      return b ? 1 : 0;
    }
    if (number instanceof Long n) {
      return n;
    }
    throw TemplateProblem.failed("a whole number is needed, not " + kind(number));
  }

  /** Order of numbers, texts and lists; anything else has none. */
  int compare(Object a, Object b) {
    budget.step();
    if (isNumber(a) && isNumber(b)) {
      return compareNumbers(a, b);
    }
    if (a instanceof String s && b instanceof String t) {
      budget.chars(Math.min(s.length(), t.length()));
      return comparePoints(s, t);
    }
    if (a instanceof Undefined u) {
      throw u.used();
    }
    if (b instanceof Undefined u) {
      throw u.used();
    }
    throw TemplateProblem.failed(kind(a) + " and " + kind(b) + " have no order");
  }

  private static int comparePoints(String s, String t) {
    int[] a = s.codePoints().toArray();
    int[] b = t.codePoints().toArray();
    return java.util.Arrays.compare(a, b);
  }

  /** The elements that a loop visits. */
  List<Object> elements(Object value) {
    List<Object> elements = new ArrayList<>();
    if (value instanceof List<?> list) {
      elements.addAll(list);
    } else if (value instanceof Map<?, ?> map) {
      elements.addAll(map.keySet());
    } else if (value instanceof String text) {
      budget.chars(text.length());
      text.codePoints().forEach(c -> elements.add(Character.toString(c)));
    } else if (!(value instanceof Undefined)) {
      throw TemplateProblem.failed(kind(value) + " has no elements");
    }
    budget.steps(elements.size());
    return elements;
  }

  long length(Object value) {
    if (value instanceof String text) {
      return Texts.length(text);
    }
    if (value instanceof List<?> list) {
      return list.size();
    }
    if (value instanceof Map<?, ?> map) {
      return map.size();
    }
    if (value instanceof Undefined) {
      return 0;
    }
    throw TemplateProblem.failed(kind(value) + " has no length");
  }

  static String kind(Object value) {
    if (value == null) {
      return "none";
    }
    if (value instanceof Boolean) {
      return "a truth value";
    }
    if (isNumber(value)) {
      return "a number";
    }
    if (value instanceof String) {
      return "a text";
    }
    if (value instanceof List) {
      return "a list";
    }
    if (value instanceof Map) {
      return "a mapping";
    }
    return value instanceof Undefined u ? "the undefined '" + u.name() + "'" : "no plain value";
  }

  /** The value as it is printed. */
  String text(Object value) {
    if (value instanceof String s) {
      budget.chars(s.length());
      return s;
    }
    if (value instanceof Undefined) {
      return "";
    }
    StringBuilder out = new StringBuilder();
    represent(value, out, 0);
    return out.toString();
  }

  private void represent(Object value, StringBuilder out, int nesting) {
    budget.step();
    budget.requireDepth(nesting);
    int before = out.length();
    if (value == null) {
      out.append("None");
    } else if (value instanceof Boolean b) {
      out.append(b ? "True" : "False");
    } else if (value instanceof Double d) {
      out.append(real(d.doubleValue()));
    } else if (value instanceof String s) {
      budget.chars(s.length());
      quote(s, out);
    } else if (value instanceof List<?> list) {
      String separator = "[";
      for (Object item : list) {
        out.append(separator);
        represent(item, out, nesting + 1);
        separator = ", ";
      }
      out.append(list.isEmpty() ? "[]" : "]");
    } else if (value instanceof Map<?, ?> map) {
      String separator = "{";
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        out.append(separator);
        represent(entry.getKey(), out, nesting + 1);
        out.append(": ");
        represent(entry.getValue(), out, nesting + 1);
        separator = ", ";
      }
      out.append(map.isEmpty() ? "{}" : "}");
    } else if (value instanceof Undefined) {
      out.append("Undefined");
    } else if (value instanceof Long) {
      out.append(value);
    } else {
      throw TemplateProblem.failed(kind(value) + " cannot be printed");
    }
    budget.chars(out.length() - before);
  }

  private static void quote(String s, StringBuilder out) {
    char quote = s.indexOf('\'') >= 0 && s.indexOf('"') < 0 ? '"' : '\'';
    out.append(quote);
    s.codePoints()
        .forEach(
            c -> {
              if (c == quote || c == '\\') {
                out.append('\\').appendCodePoint(c);
              } else if (c == '\n') {
                out.append("\\n");
              } else if (c == '\r') {
                out.append("\\r");
              } else if (c == '\t') {
                out.append("\\t");
              } else if (c < 0x20 || c >= 0x7f && c < 0xa1 || c == 0xad) {
                out.append(String.format("\\x%02x", c));
              } else {
                out.appendCodePoint(c);
              }
            });
    out.append(quote);
  }

  /** A real number as Python prints it: shortest digits, exponent below 1e-4 and from 1e16 on. */
  static String real(double d) {
    if (Double.isNaN(d) || Double.isInfinite(d)) {
      return Double.isNaN(d) ? "nan" : d > 0 ? "inf" : "-inf";
    }
    if (d == 0) {
      return 1 / d < 0 ? "-0.0" : "0.0";
    }
    BigDecimal digits = new BigDecimal(Double.toString(d)).stripTrailingZeros();
    int exponent = digits.precision() - digits.scale() - 1;
    if (exponent >= -4 && exponent < 16) {
      String plain = digits.toPlainString();
      return plain.indexOf('.') < 0 ? plain + ".0" : plain;
    }
    String unscaled = digits.unscaledValue().abs().toString();
    String mantissa =
        unscaled.length() > 1 ? unscaled.charAt(0) + "." + unscaled.substring(1) : unscaled;
    String power =
        (exponent < 0 ? "-" : "+") + (Math.abs(exponent) < 10 ? "0" : "") + Math.abs(exponent);
    return (d < 0 ? "-" : "") + mantissa + "e" + power;
  }
}
