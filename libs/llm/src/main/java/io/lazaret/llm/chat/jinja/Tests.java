package io.lazaret.llm.chat.jinja;

import java.util.List;
import java.util.Map;
import java.util.Set;

/** The tests that may follow {@code is}. */
final class Tests {

  private static final Set<String> NAMES =
      Set.of(
          "defined",
          "undefined",
          "none",
          "string",
          "mapping",
          "iterable",
          "sequence",
          "number",
          "integer",
          "float",
          "boolean",
          "true",
          "false",
          "callable",
          "odd",
          "even",
          "divisibleby",
          "in",
          "equalto",
          "eq",
          "ne",
          "lt",
          "gt",
          "le",
          "ge",
          "lessthan",
          "greaterthan",
          "lower",
          "upper",
          "sameas");

  private final Values values;
  private final Operators operators;

  Tests(Values values, Operators operators) {
    this.values = values;
    this.operators = operators;
  }

  static void requireKnown(String name, int line) {
    if (!NAMES.contains(name)) {
      throw TemplateProblem.syntax(line, "the test '" + name + "' is not supported");
    }
  }

  boolean holds(String name, Object value, List<Object> arguments) {
    return switch (name) {
      case "defined" -> !(value instanceof Undefined);
      case "undefined" -> value instanceof Undefined;
      case "none" -> value == null;
      case "string" -> value instanceof String;
      case "mapping" -> value instanceof Map;
      case "iterable", "sequence" ->
          value instanceof String
              || value instanceof List
              || value instanceof Map
              || value instanceof Undefined;
      case "number" -> Values.isNumber(value);
      case "integer" -> value instanceof Long;
      case "float" -> value instanceof Double;
      case "boolean" -> value instanceof Boolean;
      case "true" -> Boolean.TRUE.equals(value);
      case "false" -> Boolean.FALSE.equals(value);
      case "callable" -> value instanceof Function;
      case "odd" -> remainder(value, 2) == 1;
      case "even" -> remainder(value, 2) == 0;
      case "divisibleby" -> remainder(value, Arguments.whole(arguments, 0, 0)) == 0;
      case "lower" -> values.text(value).equals(Texts.lower(values.text(value)));
      case "upper" -> values.text(value).equals(Texts.upper(values.text(value)));
      case "sameas" -> value == Arguments.at(arguments, 0, "other");
      default -> operators.compare(operator(name), value, Arguments.at(arguments, 0, "other"));
    };
  }

  private static long remainder(Object value, long divisor) {
    if (divisor == 0) {
      throw TemplateProblem.failed("division by zero");
    }
    return Math.floorMod(Values.whole(value), divisor);
  }

  private static String operator(String name) {
    return switch (name) {
      case "in" -> "in";
      case "equalto", "eq" -> "==";
      case "ne" -> "!=";
      case "lt", "lessthan" -> "<";
      case "gt", "greaterthan" -> ">";
      case "le" -> "<=";
      case "ge" -> ">=";
      default -> throw TemplateProblem.failed("the test '" + name + "' is not supported");
    };
  }
}
