package io.lazaret.llm.chat.jinja;

import java.util.List;
import java.util.Map;

/** What a dot or a subscript reaches: keys, elements, and the methods of texts and mappings. */
final class Attributes {

  private final Values values;
  private final Methods methods;

  Attributes(Values values) {
    this.values = values;
    this.methods = new Methods(values);
  }

  /** {@code of.name}: a method, else the key of that name. */
  Object attribute(Object of, String name) {
    if (of instanceof Undefined u) {
      throw u.used();
    }
    if (of instanceof Namespace namespace) {
      return namespace.attributes().getOrDefault(name, new Undefined(name));
    }
    if (of instanceof Loop loop) {
      return loop.attribute(name);
    }
    Object method = methods.of(of, name);
    if (method != null) {
      return method;
    }
    if (of instanceof Map<?, ?> map && map.containsKey(name)) {
      return map.get(name);
    }
    if (name.startsWith("__")) {
      throw TemplateProblem.failed("the attribute '" + name + "' is not accessible");
    }
    return new Undefined(name);
  }

  /** {@code of[key]}: the element, else the attribute of that name. */
  Object item(Object of, Object key) {
    if (of instanceof Undefined u) {
      throw u.used();
    }
    if (of instanceof Map<?, ?> map && map.containsKey(Operators.key(key))) {
      return map.get(key);
    }
    if (of instanceof List<?> list && key instanceof Long index) {
      long place = index < 0 ? index + list.size() : index;
      boolean there = place >= 0 && place < list.size();
      return there ? list.get((int) place) : new Undefined("element " + index);
    }
    if (of instanceof String text && key instanceof Long index) {
      values.budget().chars(text.length());
      long size = Texts.length(text);
      long place = index < 0 ? index + size : index;
      if (place < 0 || place >= size) {
        return new Undefined("element " + index);
      }
      int at = text.offsetByCodePoints(0, (int) place);
      return Character.toString(text.codePointAt(at));
    }
    return key instanceof String name && !(of instanceof Namespace)
        ? attribute(of, name)
        : new Undefined(values.text(key));
  }
}
