package io.lazaret.llm.chat.jinja;

import java.util.HashMap;
import java.util.Map;

/** Variables of a template, a loop's turn or a macro's call; what is set inside stays inside. */
final class Scope {

  private final Scope outer;
  private final Map<String, Object> variables = new HashMap<>();

  Scope(Scope outer) {
    this.outer = outer;
  }

  Object get(String name) {
    for (Scope scope = this; scope != null; scope = scope.outer) {
      if (scope.variables.containsKey(name)) {
        return scope.variables.get(name);
      }
    }
    return new Undefined(name);
  }

  void set(String name, Object value) {
    variables.put(name, value);
  }
}
