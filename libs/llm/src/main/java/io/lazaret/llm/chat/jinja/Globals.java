package io.lazaret.llm.chat.jinja;

import java.time.Clock;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The functions that {@code transformers} and Jinja give to a template. */
final class Globals {

  private Globals() {}

  static Scope scope(Values values, Clock clock) {
    Scope scope = new Scope(null);
    Function range = (arguments, named) -> range(values, arguments);
    Function namespace = (arguments, named) -> new Namespace(members(arguments, named));
    Function dict = (arguments, named) -> members(arguments, named);
    Function raise =
        (arguments, named) -> {
          throw TemplateProblem.refused(values.text(Arguments.at(arguments, 0, "message")));
        };
    Function now =
        (arguments, named) -> strftime(LocalDateTime.now(clock), Arguments.text(arguments, 0));
    scope.set("range", range);
    scope.set("namespace", namespace);
    scope.set("dict", dict);
    scope.set("raise_exception", raise);
    scope.set("strftime_now", now);
    return scope;
  }

  private static Map<String, Object> members(List<Object> arguments, Map<String, Object> named) {
    Map<String, Object> members = new LinkedHashMap<>();
    if (Arguments.or(arguments, 0, null) instanceof Map<?, ?> map) {
      map.forEach((key, value) -> members.put(String.valueOf(key), value));
    }
    members.putAll(named);
    return members;
  }

  private static List<Object> range(Values values, List<Object> arguments) {
    long from = arguments.size() > 1 ? Values.whole(arguments.get(0)) : 0;
    long to = Values.whole(Arguments.at(arguments, arguments.size() > 1 ? 1 : 0, "stop"));
    long step = Arguments.whole(arguments, 2, 1);
    if (step == 0) {
      throw TemplateProblem.failed("a range of step zero");
    }
    List<Object> range = new ArrayList<>();
    for (long i = from; step > 0 ? i < to : i > to; i += step) {
      values.budget().step();
      range.add(i);
      if (step > 0 ? i > Long.MAX_VALUE - step : i < Long.MIN_VALUE - step) {
        break;
      }
    }
    return range;
  }

  private static String strftime(LocalDateTime time, String format) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < format.length(); i++) {
      char c = format.charAt(i);
      if (c != '%' || i + 1 == format.length()) {
        out.append(c);
      } else {
        out.append(part(time, format.charAt(++i)));
      }
    }
    return out.toString();
  }

  private static String part(LocalDateTime time, char directive) {
    String pattern =
        switch (directive) {
          case 'd' -> "dd";
          case 'b' -> "MMM";
          case 'B' -> "MMMM";
          case 'm' -> "MM";
          case 'Y' -> "yyyy";
          case 'y' -> "yy";
          case 'a' -> "EEE";
          case 'A' -> "EEEE";
          case 'H' -> "HH";
          case 'I' -> "hh";
          case 'M' -> "mm";
          case 'S' -> "ss";
          case 'p' -> "a";
          case 'j' -> "DDD";
          case '%' -> "'%'";
          default -> throw TemplateProblem.failed("the time format %" + directive);
        };
    return DateTimeFormatter.ofPattern(pattern, Locale.US).format(time);
  }
}
