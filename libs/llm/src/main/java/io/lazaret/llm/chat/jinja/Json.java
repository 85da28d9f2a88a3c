package io.lazaret.llm.chat.jinja;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Writes values as {@code json.dumps(value, ensure_ascii=False)} does. */
final class Json {

  private final Budget budget;
  private final String indent;
  private final String itemSeparator;
  private final String keySeparator;
  private final boolean sortKeys;
  private final StringBuilder out = new StringBuilder();

  /**
   * @param indent null for one line
   * @param separators null for the usual ones
   */
  Json(Budget budget, String indent, List<?> separators, boolean sortKeys) {
    this.budget = budget;
    this.indent = indent;
    this.sortKeys = sortKeys;
    boolean own = separators != null && separators.size() == 2;
    this.itemSeparator = own ? String.valueOf(separators.get(0)) : indent == null ? ", " : ",";
    this.keySeparator = own ? String.valueOf(separators.get(1)) : ": ";
  }

  String write(Object value) {
    write(value, 0);
    return out.toString();
  }

  private void write(Object value, int nesting) {
    budget.step();
    budget.requireDepth(nesting);
    int before = out.length();
    if (value == null) {
      out.append("null");
    } else if (value instanceof Boolean || value instanceof Long) {
      out.append(value);
    } else if (value instanceof Double d) {
      String text = Values.real(d.doubleValue());
      out.append(text.equals("nan") ? "NaN" : text.replace("inf", "Infinity"));
    } else if (value instanceof String s) {
      budget.chars(s.length());
      quote(s);
    } else if (value instanceof List<?> list) {
      items(list, nesting);
    } else if (value instanceof Map<?, ?> map) {
      members(map, nesting);
    } else {
      throw TemplateProblem.failed(Values.kind(value) + " cannot be written as JSON");
    }
    budget.chars(out.length() - before);
  }

  private void items(List<?> list, int nesting) {
    String separator = "[";
    for (Object item : list) {
      out.append(separator);
      line(nesting + 1);
      write(item, nesting + 1);
      separator = itemSeparator;
    }
    if (!list.isEmpty()) {
      line(nesting);
    }
    out.append(list.isEmpty() ? "[]" : "]");
  }

  private void members(Map<?, ?> map, int nesting) {
    Map<String, Object> members = sortKeys ? new TreeMap<>() : new java.util.LinkedHashMap<>();
    map.forEach((key, value) -> members.put(key(key), value));
    String separator = "{";
    for (Map.Entry<String, Object> member : members.entrySet()) {
      out.append(separator);
      line(nesting + 1);
      quote(member.getKey());
      out.append(keySeparator);
      write(member.getValue(), nesting + 1);
      separator = itemSeparator;
    }
    if (!map.isEmpty()) {
      line(nesting);
    }
    out.append(map.isEmpty() ? "{}" : "}");
  }

  private static String key(Object key) {
    return key == null
        ? "null"
        : key instanceof Double d ? Values.real(d.doubleValue()) : key.toString();
  }

  private void line(int nesting) {
    if (indent != null) {
      budget.chars((long) indent.length() * nesting);
      out.append('\n').append(indent.repeat(nesting));
    }
  }

  private void quote(String s) {
    out.append('"');
    for (int i = 0; i < s.length(); i++) {
      char c = s.charAt(i);
      int escape = "\"\\\n\r\t\b\f".indexOf(c);
      if (escape >= 0) {
        out.append('\\').append("\"\\nrtbf".charAt(escape));
      } else if (c < 0x20) {
        out.append(String.format("\\u%04x", (int) c));
      } else {
        out.append(c);
      }
    }
    out.append('"');
  }
}
