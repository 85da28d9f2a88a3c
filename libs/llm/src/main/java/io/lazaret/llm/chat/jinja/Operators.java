package io.lazaret.llm.chat.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Arithmetic, membership and slices. */
final class Operators {

  private final Values values;

  Operators(Values values) {
    this.values = values;
  }

  Object apply(String operator, Object a, Object b) {
    if (a instanceof Undefined u) {
      throw u.used();
    }
    if (b instanceof Undefined u) {
      throw u.used();
    }
    if (operator.equals("+") && a instanceof String s && b instanceof String t) {
      values.budget().chars((long) s.length() + t.length());
      return s + t;
    }
    if (operator.equals("+") && a instanceof List<?> x && b instanceof List<?> y) {
      values.budget().steps((long) x.size() + y.size());
      List<Object> joined = new ArrayList<>(x);
      joined.addAll(y);
      return joined;
    }
    if (operator.equals("*") && a instanceof String s && b instanceof Long n) {
      return repeat(s, n);
    }
    if (operator.equals("*") && a instanceof Long n && b instanceof String s) {
      return repeat(s, n);
    }
    if (Values.isNumber(a) && Values.isNumber(b)) {
      return arithmetic(operator, a, b);
    }
    throw TemplateProblem.failed(
        "'" + operator + "' does not take " + Values.kind(a) + " and " + Values.kind(b));
  }

  private String repeat(String text, long times) {
    long count = Math.max(0, times);
    values.budget().chars(count > Integer.MAX_VALUE ? Long.MAX_VALUE : text.length() * count);
    return text.repeat((int) count);
  }

  private static Object arithmetic(String operator, Object a, Object b) {
    boolean real = a instanceof Double || b instanceof Double;
    if (List.of("/", "//", "%").contains(operator) && Values.real(b) == 0) {
      throw TemplateProblem.failed("division by zero");
    }
    try {
      if (operator.equals("/")) {
        return Values.real(a) / Values.real(b);
      }
      return real
          ? (Object) reals(operator, Values.real(a), Values.real(b))
          : (Object) wholes(operator, Values.whole(a), Values.whole(b));
    } catch (ArithmeticException e) {
      throw TemplateProblem.failed("a number is beyond 64 bits");
    }
  }

  private static Double reals(String operator, double x, double y) {
    return switch (operator) {
      case "+" -> x + y;
      case "-" -> x - y;
      case "*" -> x * y;
      case "//" -> Math.floor(x / y);
      case "%" -> x - y * Math.floor(x / y);
      case "**" -> Math.pow(x, y);
      default -> throw new IllegalArgumentException(operator);
    };
  }

  private static Object wholes(String operator, long x, long y) {
    return switch (operator) {
      case "+" -> Math.addExact(x, y);
      case "-" -> Math.subtractExact(x, y);
      case "*" -> Math.multiplyExact(x, y);
      case "//" -> Math.floorDiv(x, y);
      case "%" -> Math.floorMod(x, y);
      case "**" -> power(x, y);
      default -> throw new IllegalArgumentException(operator);
    };
  }

  private static Object power(long base, long exponent) {
    if (exponent < 0) {
      return Math.pow(base, exponent);
    }
    if (base == 0 || base == 1) {
      return exponent == 0 ? 1L : base;
    }
    if (base == -1) {
      return exponent % 2 == 0 ? 1L : -1L;
    }
    long result = 1;
    for (long i = 0; i < exponent; i++) {
      // Ends after 63 turns at the latest: larger bases overflow.
      result = Math.multiplyExact(result, base);
    }
    return result;
  }

  boolean contains(Object container, Object item) {
    if (container instanceof String text) {
      if (item instanceof String part) {
        values.budget().chars(text.length());
        return text.contains(part);
      }
      throw TemplateProblem.failed("a text can only contain a text, not " + Values.kind(item));
    }
    if (container instanceof Map<?, ?> map) {
      return map.containsKey(key(item));
    }
    for (Object element : values.elements(container)) {
      if (values.equal(element, item)) {
        return true;
      }
    }
    return false;
  }

  /** A key of a mapping: numbers that are equal are the same key. */
  static Object key(Object value) {
    if (value instanceof List || value instanceof Map) {
      throw TemplateProblem.failed(Values.kind(value) + " cannot be a key");
    }
    return value;
  }

  boolean compare(String operator, Object a, Object b) {
    return switch (operator) {
      case "==" -> values.equal(a, b);
      case "!=" -> !values.equal(a, b);
      case "in" -> contains(b, a);
      case "not in" -> !contains(b, a);
      case "<" -> ordered(a, b) == -1;
      case ">" -> ordered(a, b) == 1;
      case "<=" -> ordered(a, b) <= 0;
      case ">=" -> ordered(a, b) == 0 || ordered(a, b) == 1;
      default -> throw new IllegalArgumentException(operator);
    };
  }

  /** -1, 0, 1, or 2 where a number is not comparable. */
  private int ordered(Object a, Object b) {
    int order = values.compare(a, b);
    return order == 2 ? 2 : Integer.signum(order);
  }

  /** Python's {@code of[from:to:step]}; parts that are null are left out. */
  Object slice(Object of, Object from, Object to, Object step) {
    if (of instanceof Undefined u) {
      throw u.used();
    }
    if (!(of instanceof String) && !(of instanceof List)) {
      throw TemplateProblem.failed(Values.kind(of) + " has no slices");
    }
    int size = (int) values.length(of);
    long stride = step == null ? 1 : Values.whole(step);
    if (stride == 0) {
      throw TemplateProblem.failed("a slice of step zero");
    }
    boolean down = stride < 0;
    long start = bound(from, down ? size - 1 : 0, size, down);
    long end = bound(to, down ? -1 : size, size, down);
    long distance = down ? start - end : end - start;
    long magnitude = stride == Long.MIN_VALUE ? Long.MAX_VALUE : Math.abs(stride);
    int count = distance <= 0 ? 0 : (int) ((distance - 1) / magnitude + 1);
    values.budget().steps(count);
    IntStream places = IntStream.range(0, count).map(i -> (int) (start + i * stride));
    if (of instanceof String text) {
      values.budget().chars(text.length());
      return Texts.at(text, places);
    }
    List<Object> items = new ArrayList<>();
    places.forEach(i -> items.add(((List<?>) of).get(i)));
    return items;
  }

  private static long bound(Object value, long fallback, int size, boolean down) {
    if (value == null) {
      return fallback;
    }
    long index = Values.whole(value);
    index = index < 0 ? Math.max(index, -(long) size - 1) + size : index;
    return down ? Math.max(-1, Math.min(size - 1, index)) : Math.max(0, Math.min(size, index));
  }
}
