package io.lazaret.llm.chat.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The methods of texts and mappings; none of them changes its object. */
final class Methods {

  private final Values values;

  Methods(Values values) {
    this.values = values;
  }

  /** A method, or null where the object has none of that name. */
  Function of(Object object, String name) {
    if (object instanceof String text) {
      return text(text, name);
    }
    return object instanceof Map<?, ?> map ? mapping(map, name) : null;
  }

  private Function mapping(Map<?, ?> map, String name) {
    return switch (name) {
      case "items" -> (arguments, named) -> Filters.pairs(values, map);
      case "keys" -> (arguments, named) -> new ArrayList<Object>(map.keySet());
      case "values" -> (arguments, named) -> new ArrayList<Object>(map.values());
      case "get" ->
          (arguments, named) -> {
            Object key = Operators.key(Arguments.at(arguments, 0, "key"));
            return map.containsKey(key) ? map.get(key) : Arguments.or(arguments, 1, null);
          };
      default -> null;
    };
  }

  private Function text(String text, String name) {
    Function method =
        switch (name) {
          case "strip" -> (a, n) -> Texts.strip(text, chars(a), true, true);
          case "lstrip" -> (a, n) -> Texts.strip(text, chars(a), true, false);
          case "rstrip" -> (a, n) -> Texts.strip(text, chars(a), false, true);
          case "upper" -> (a, n) -> Texts.upper(text);
          case "lower" -> (a, n) -> Texts.lower(text);
          case "title" -> (a, n) -> Texts.title(text);
          case "capitalize" -> (a, n) -> Texts.capitalize(text);
          case "startswith" -> (a, n) -> any(a, part -> text.startsWith(part));
          case "endswith" -> (a, n) -> any(a, part -> text.endsWith(part));
          case "split" -> (a, n) -> split(text, separator(a, n), limit(a, n));
          case "rsplit" -> (a, n) -> splitFromEnd(text, separator(a, n), limit(a, n));
          case "splitlines" -> (a, n) -> new ArrayList<Object>(text.lines().toList());
          case "replace" ->
              (a, n) ->
                  replace(
                      values,
                      text,
                      Arguments.text(a, 0),
                      Arguments.text(a, 1),
                      Arguments.whole(a, 2, -1));
          case "removeprefix" ->
              (a, n) ->
                  text.startsWith(Arguments.text(a, 0))
                      ? text.substring(Arguments.text(a, 0).length())
                      : text;
          case "removesuffix" ->
              (a, n) ->
                  text.endsWith(Arguments.text(a, 0))
                      ? text.substring(0, text.length() - Arguments.text(a, 0).length())
                      : text;
          case "find" -> (a, n) -> place(text, text.indexOf(Arguments.text(a, 0)));
          case "rfind" -> (a, n) -> place(text, text.lastIndexOf(Arguments.text(a, 0)));
          case "count" -> (a, n) -> (long) split(text, Arguments.text(a, 0), -1).size() - 1;
          case "join" -> (a, n) -> join(values, text, values.elements(Arguments.at(a, 0, "list")));
          case "isdigit" -> (a, n) -> all(text, Character::isDigit);
          case "isalpha" -> (a, n) -> all(text, Character::isLetter);
          case "isalnum" -> (a, n) -> all(text, Character::isLetterOrDigit);
          case "isspace" -> (a, n) -> all(text, Texts::isSpace);
          case "isupper" ->
              (a, n) -> !text.equals(Texts.lower(text)) && text.equals(Texts.upper(text));
          case "islower" ->
              (a, n) -> !text.equals(Texts.upper(text)) && text.equals(Texts.lower(text));
          default -> null;
        };
    if (method == null) {
      return null;
    }
    return (arguments, named) -> {
      // One pass over the text, and room for a copy of it.
      values.budget().chars(2L * text.length());
      return method.call(arguments, named);
    };
  }

  private static String chars(List<Object> arguments) {
    return Arguments.or(arguments, 0, null) == null ? null : Arguments.text(arguments, 0);
  }

  private static String separator(List<Object> arguments, Map<String, Object> named) {
    Object given = arguments.isEmpty() ? named.get("sep") : arguments.get(0);
    return given == null ? null : Arguments.text(List.of(given), 0);
  }

  private static long limit(List<Object> arguments, Map<String, Object> named) {
    Object given = arguments.size() > 1 ? arguments.get(1) : named.get("maxsplit");
    return given == null ? -1 : Values.whole(given);
  }

  private static boolean all(String text, java.util.function.IntPredicate holds) {
    return !text.isEmpty() && text.codePoints().allMatch(holds);
  }

  private static long place(String text, int index) {
    return index < 0 ? -1 : text.codePointCount(0, index);
  }

  private boolean any(List<Object> arguments, java.util.function.Predicate<String> holds) {
    Object given = Arguments.at(arguments, 0, "text");
    if (given instanceof List<?> parts) {
      return parts.stream().anyMatch(part -> holds.test(Arguments.text(List.of(part), 0)));
    }
    return holds.test(Arguments.text(arguments, 0));
  }

  /** Python's split: by runs of whitespace where the separator is null. */
  private List<Object> split(String text, String separator, long limit) {
    List<Object> parts = new ArrayList<>();
    if (separator == null) {
      String rest = Texts.stripStart(text);
      while (!rest.isEmpty()) {
        int end = 0;
        while (end < rest.length() && !Texts.isSpace(rest.charAt(end))) {
          end++;
        }
        if (limit >= 0 && parts.size() >= limit) {
          parts.add(rest);
          return parts;
        }
        values.budget().chars(rest.length());
        parts.add(rest.substring(0, end));
        rest = Texts.stripStart(rest.substring(end));
      }
      return parts;
    }
    requireSeparator(separator);
    int from = 0;
    int found = text.indexOf(separator);
    while (found >= 0 && (limit < 0 || parts.size() < limit)) {
      values.budget().step();
      parts.add(text.substring(from, found));
      from = found + separator.length();
      found = text.indexOf(separator, from);
    }
    parts.add(text.substring(from));
    return parts;
  }

  private List<Object> splitFromEnd(String text, String separator, long limit) {
    if (separator == null || limit < 0) {
      return split(text, separator, -1);
    }
    requireSeparator(separator);
    List<Object> parts = new ArrayList<>();
    int end = text.length();
    int found = text.lastIndexOf(separator, end - separator.length());
    while (found >= 0 && parts.size() < limit) {
      values.budget().step();
      parts.add(0, text.substring(found + separator.length(), end));
      end = found;
      found = end < separator.length() ? -1 : text.lastIndexOf(separator, end - separator.length());
    }
    parts.add(0, text.substring(0, end));
    return parts;
  }

  private static void requireSeparator(String separator) {
    if (separator.isEmpty()) {
      throw TemplateProblem.failed("a text is split at an empty separator");
    }
  }

  /** Replaces the first {@code limit} places, all where it is negative. */
  static String replace(Values values, String text, String old, String with, long limit) {
    StringBuilder out = new StringBuilder();
    int from = 0;
    long count = 0;
    while (limit < 0 || count < limit) {
      int found = text.indexOf(old, from);
      boolean inside = old.isEmpty() ? from <= text.length() && count <= text.length() : found >= 0;
      if (!inside) {
        break;
      }
      values.budget().chars((long) with.length() + 1);
      if (old.isEmpty()) {
        out.append(with);
        if (from == text.length()) {
          return out.toString();
        }
        int next = text.offsetByCodePoints(from, 1);
        out.append(text, from, next);
        from = next;
      } else {
        out.append(text, from, found).append(with);
        from = found + old.length();
      }
      count++;
    }
    values.budget().chars(text.length());
    return out.append(text, from, text.length()).toString();
  }

  static String join(Values values, String separator, List<Object> items) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < items.size(); i++) {
      values.budget().chars(separator.length());
      out.append(i == 0 ? "" : separator).append(values.text(items.get(i)));
    }
    return out.toString();
  }
}
