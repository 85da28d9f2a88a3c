package io.lazaret.llm.chat.jinja;

import java.util.List;

/**
 * The variable {@code loop} of one turn.
 *
 * @param items what the loop visits
 * @param at the turn, from 0
 */
record Loop(List<Object> items, int at) {

  Object attribute(String name) {
    return switch (name) {
      case "index" -> at + 1L;
      case "index0" -> (long) at;
      case "revindex" -> (long) items.size() - at;
      case "revindex0" -> items.size() - at - 1L;
      case "first" -> at == 0;
      case "last" -> at == items.size() - 1;
      case "length" -> (long) items.size();
      case "previtem" -> at == 0 ? new Undefined(name) : items.get(at - 1);
      case "nextitem" -> at == items.size() - 1 ? new Undefined(name) : items.get(at + 1);
      case "cycle" -> (Function) (arguments, named) -> cycle(arguments);
      default -> new Undefined("loop." + name);
    };
  }

  private Object cycle(List<Object> arguments) {
    return arguments.isEmpty() ? new Undefined("cycle") : arguments.get(at % arguments.size());
  }
}
