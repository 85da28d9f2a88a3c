package io.lazaret.llm.chat.jinja;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The filters that may follow a bar. */
final class Filters {

  private static final Set<String> NAMES =
      Set.of(
          "trim",
          "tojson",
          "length",
          "count",
          "default",
          "d",
          "join",
          "upper",
          "lower",
          "capitalize",
          "title",
          "selectattr",
          "rejectattr",
          "select",
          "reject",
          "map",
          "list",
          "items",
          "dictsort",
          "first",
          "last",
          "string",
          "int",
          "float",
          "replace",
          "safe",
          "abs",
          "reverse",
          "unique",
          "sort",
          "indent",
          "round",
          "min",
          "max",
          "sum",
          "wordcount");

  private final Values values;
  private final Operators operators;
  private final Tests tests;
  private final Attributes attributes;

  Filters(Values values, Operators operators, Tests tests, Attributes attributes) {
    this.values = values;
    this.operators = operators;
    this.tests = tests;
    this.attributes = attributes;
  }

  static void requireKnown(String name, int line) {
    if (!NAMES.contains(name)) {
      throw TemplateProblem.syntax(line, "the filter '" + name + "' is not supported");
    }
  }

  Object apply(String name, Object value, List<Object> arguments, Map<String, Object> named) {
    return switch (name) {
      case "trim" -> trim(value, arguments);
      case "tojson" -> json(value, arguments, named);
      case "length", "count" -> values.length(value);
      case "default", "d" -> fallback(value, arguments, named);
      case "join" -> joined(value, arguments, named);
      case "upper" -> Texts.upper(values.text(value));
      case "lower" -> Texts.lower(values.text(value));
      case "capitalize" -> Texts.capitalize(values.text(value));
      case "title" -> Texts.title(values.text(value));
      case "string", "safe" -> values.text(value);
      case "int" -> whole(value, Arguments.or(arguments, 0, named.getOrDefault("default", 0L)));
      case "float" -> real(value, Arguments.or(arguments, 0, named.getOrDefault("default", 0.0)));
      case "abs" -> absolute(value);
      case "round" -> round(value, arguments, named);
      case "indent" -> indent(value, arguments, named);
      case "wordcount" -> (long) values.text(value).trim().split("\\W+").length;
      case "replace" ->
          Methods.replace(
              values,
              values.text(value),
              values.text(Arguments.at(arguments, 0, "old")),
              values.text(Arguments.at(arguments, 1, "new")),
              Arguments.whole(arguments, 2, -1));
      default -> sequence(name, value, arguments, named);
    };
  }

  private Object sequence(
      String name, Object value, List<Object> arguments, Map<String, Object> named) {
    return switch (name) {
      case "items" ->
          value instanceof Undefined ? new ArrayList<>() : pairs(values, mapping(value));
      case "dictsort" -> sorted(pairs(values, mapping(value)), 0L, named);
      case "list" -> values.elements(value);
      case "first" -> edge(values.elements(value), true);
      case "last" -> edge(values.elements(value), false);
      case "reverse" -> reversed(value);
      case "unique" -> unique(values.elements(value));
      case "sort" -> sorted(values.elements(value), named.get("attribute"), named);
      case "min" -> edge(sorted(values.elements(value), null, Map.of()), true);
      case "max" -> edge(sorted(values.elements(value), null, Map.of()), false);
      case "sum" -> {
        Object sum = 0L;
        for (Object item : values.elements(value)) {
          sum = operators.apply("+", sum, item);
        }
        yield sum;
      }
      case "map" -> map(values.elements(value), arguments, named);
      case "select", "reject" -> select(value, name.equals("select"), null, arguments);
      case "selectattr", "rejectattr" ->
          select(
              value,
              name.equals("selectattr"),
              Arguments.at(arguments, 0, "attribute"),
              arguments.subList(1, arguments.size()));
      default -> throw TemplateProblem.failed("the filter '" + name + "' is not supported");
    };
  }

  private Object trim(Object value, List<Object> arguments) {
    Object chars = Arguments.or(arguments, 0, null);
    return Texts.strip(values.text(value), chars == null ? null : values.text(chars), true, true);
  }

  private String json(Object value, List<Object> arguments, Map<String, Object> named) {
    // Parameters of the function that transformers puts in the place of Jinja's own filter.
    Object indent =
        named.containsKey("indent") ? named.get("indent") : Arguments.or(arguments, 1, null);
    long width = indent instanceof Long n ? Math.max(0, Math.min(n, 64)) : 0;
    String step = indent == null ? null : indent instanceof String s ? s : " ".repeat((int) width);
    List<?> separators = named.get("separators") instanceof List<?> list ? list : null;
    boolean sort = Values.truth(named.get("sort_keys"));
    return new Json(values.budget(), step, separators, sort).write(value);
  }

  private static Object fallback(Object value, List<Object> arguments, Map<String, Object> named) {
    Object other = Arguments.or(arguments, 0, named.getOrDefault("default_value", ""));
    boolean alsoFalse =
        Values.truth(Arguments.or(arguments, 1, named.getOrDefault("boolean", false)));
    return value instanceof Undefined || alsoFalse && !Values.truth(value) ? other : value;
  }

  private String joined(Object value, List<Object> arguments, Map<String, Object> named) {
    String separator = values.text(Arguments.or(arguments, 0, named.getOrDefault("d", "")));
    Object attribute = Arguments.or(arguments, 1, named.get("attribute"));
    List<Object> items = values.elements(value);
    if (attribute != null) {
      items.replaceAll(item -> path(item, attribute));
    }
    return Methods.join(values, separator, items);
  }

  private static Object whole(Object value, Object fallback) {
    if (value instanceof Double d) {
      return Double.isFinite(d) && Math.abs(d) < 0x1p63 ? (Object) (long) (double) d : fallback;
    }
    if (value instanceof String s) {
      try {
        return Long.parseLong(s.strip().replace("_", ""));
      } catch (NumberFormatException e) {
        return real(s, null) instanceof Double d ? whole(d, fallback) : fallback;
      }
    }
    return Values.isNumber(value) ? Values.whole(value) : fallback;
  }

  private static Object real(Object value, Object fallback) {
    if (Values.isNumber(value)) {
      return Values.real(value);
    }
    // Java's parser would also take hexadecimal and a trailing letter.
    boolean plain =
        value instanceof String s && s.strip().matches("[-+]?[0-9.]+([eE][-+]?[0-9]+)?");
    try {
      return plain ? (Object) Double.parseDouble(((String) value).strip()) : fallback;
    } catch (NumberFormatException e) {
      return fallback;
    }
  }

  private static Object absolute(Object value) {
    return value instanceof Double d
        ? (Object) Math.abs(d)
        : (Object) Math.absExact(Values.whole(value));
  }

  private static Object round(Object value, List<Object> arguments, Map<String, Object> named) {
    long precision = Values.whole(Arguments.or(arguments, 0, named.getOrDefault("precision", 0L)));
    if (Math.abs(precision) > 15 || !Values.isNumber(value)) {
      throw TemplateProblem.failed("round takes a number and at most 15 digits");
    }
    double d = Values.real(value);
    return Double.isFinite(d)
        ? java.math.BigDecimal.valueOf(d)
            .setScale((int) precision, java.math.RoundingMode.HALF_EVEN)
            .doubleValue()
        : d;
  }

  private String indent(Object value, List<Object> arguments, Map<String, Object> named) {
    Object width = Arguments.or(arguments, 0, named.getOrDefault("width", 4L));
    boolean first = Values.truth(Arguments.or(arguments, 1, named.getOrDefault("first", false)));
    boolean blank = Values.truth(Arguments.or(arguments, 2, named.getOrDefault("blank", false)));
    String step =
        width instanceof String s ? s : (String) operators.apply("*", " ", Values.whole(width));
    String[] lines = values.text(value).split("\n", -1);
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < lines.length; i++) {
      values.budget().chars((long) step.length() + lines[i].length());
      boolean indented = i == 0 ? first : blank || !lines[i].isEmpty();
      out.append(i == 0 ? "" : "\n").append(indented ? step : "").append(lines[i]);
    }
    return out.toString();
  }

  static List<Object> pairs(Values values, Map<?, ?> map) {
    values.budget().steps(map.size());
    List<Object> pairs = new ArrayList<>();
    map.forEach(
        (key, item) -> {
          List<Object> pair = new ArrayList<>();
          pair.add(key);
          pair.add(item);
          pairs.add(pair);
        });
    return pairs;
  }

  private static Map<?, ?> mapping(Object value) {
    if (value instanceof Map<?, ?> map) {
      return map;
    }
    throw TemplateProblem.failed("a mapping is needed, not " + Values.kind(value));
  }

  private static Object edge(List<Object> items, boolean first) {
    return items.isEmpty()
        ? new Undefined(first ? "the first of nothing" : "the last of nothing")
        : items.get(first ? 0 : items.size() - 1);
  }

  private Object reversed(Object value) {
    if (value instanceof String text) {
      values.budget().chars(text.length());
      return new StringBuilder(text).reverse().toString();
    }
    List<Object> items = values.elements(value);
    Collections.reverse(items);
    return items;
  }

  private List<Object> unique(List<Object> items) {
    List<Object> kept = new ArrayList<>();
    for (Object item : items) {
      Object key = folded(item);
      if (kept.stream().noneMatch(other -> values.equal(folded(other), key))) {
        kept.add(item);
      }
    }
    return kept;
  }

  private static Object folded(Object item) {
    return item instanceof String text ? Texts.lower(text) : item;
  }

  private List<Object> sorted(List<Object> items, Object attribute, Map<String, Object> named) {
    boolean sensitive = Values.truth(named.get("case_sensitive"));
    List<Object> sorted = new ArrayList<>(items);
    sorted.sort(
        (a, b) -> {
          Object x = attribute == null ? a : path(a, attribute);
          Object y = attribute == null ? b : path(b, attribute);
          return values.compare(sensitive ? x : folded(x), sensitive ? y : folded(y));
        });
    if (Values.truth(named.get("reverse"))) {
      Collections.reverse(sorted);
    }
    return sorted;
  }

  private List<Object> map(List<Object> items, List<Object> arguments, Map<String, Object> named) {
    Object attribute = named.get("attribute");
    if (attribute != null) {
      items.replaceAll(
          item -> {
            Object found = path(item, attribute);
            boolean missing = found instanceof Undefined && named.containsKey("default");
            return missing ? named.get("default") : found;
          });
      return items;
    }
    String filter = Arguments.text(arguments, 0);
    List<Object> rest = arguments.subList(1, arguments.size());
    items.replaceAll(item -> apply(filter, item, rest, new LinkedHashMap<>()));
    return items;
  }

  private List<Object> select(
      Object value, boolean wanted, Object attribute, List<Object> arguments) {
    List<Object> kept = new ArrayList<>();
    for (Object item : values.elements(value)) {
      Object tested = attribute == null ? item : path(item, attribute);
      boolean holds =
          arguments.isEmpty()
              ? Values.truth(tested)
              : tests.holds(testName(arguments), tested, arguments.subList(1, arguments.size()));
      if (holds == wanted) {
        kept.add(item);
      }
    }
    return kept;
  }

  private static String testName(List<Object> arguments) {
    return switch (Arguments.text(arguments, 0)) {
      case "==" -> "eq";
      case "!=" -> "ne";
      case "<" -> "lt";
      case ">" -> "gt";
      case "<=" -> "le";
      case ">=" -> "ge";
      default -> Arguments.text(arguments, 0);
    };
  }

  /** An attribute by name, dotted path or index. */
  private Object path(Object item, Object attribute) {
    if (!(attribute instanceof String path)) {
      return attributes.item(item, attribute);
    }
    Object value = item;
    for (String part : path.split("\\.")) {
      boolean index = part.matches("[0-9]{1,9}");
      value = attributes.item(value, index ? (Object) Long.valueOf(part) : (Object) part);
    }
    return value;
  }
}
