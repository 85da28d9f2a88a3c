package io.lazaret.llm.chat.jinja;

import java.util.List;

/** Reads the positional arguments of a call. */
final class Arguments {

  private Arguments() {}

  static Object at(List<Object> arguments, int index, String name) {
    if (index >= arguments.size()) {
      throw TemplateProblem.failed("the argument '" + name + "' is missing");
    }
    return arguments.get(index);
  }

  static Object or(List<Object> arguments, int index, Object fallback) {
    return index < arguments.size() ? arguments.get(index) : fallback;
  }

  static String text(List<Object> arguments, int index) {
    Object value = at(arguments, index, "text");
    if (value instanceof String text) {
      return text;
    }
    throw TemplateProblem.failed("a text is needed, not " + Values.kind(value));
  }

  static long whole(List<Object> arguments, int index, long fallback) {
    return index < arguments.size() ? Values.whole(arguments.get(index)) : fallback;
  }
}
