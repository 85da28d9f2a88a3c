package io.lazaret.cli.console;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.lazaret.cli.platform.PlatformClient;
import io.lazaret.cli.terminal.Printable;
import io.lazaret.cli.terminal.Terminal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/** A page-wise list of the interface as a table, every cell made printable. */
final class Listing {

  private static final int PAGE = 200;
  private static final int WIDEST = 90;

  /** One column: its title and what stands in it. */
  record Column(String title, Function<JsonNode, String> text) {

    /** The value at a JSON pointer; "-" where there is none. */
    static Column of(String title, String pointer) {
      return new Column(
          title,
          node -> {
            JsonNode value = node.at(pointer);
            return value.isMissingNode() || value.isNull() ? "-" : value.asText();
          });
    }

    /** The same, whole seconds. */
    static Column seconds(String title, String pointer) {
      return new Column(
          title,
          node ->
              node.at(pointer).isNumber() ? "%.0f".formatted(node.at(pointer).asDouble()) : "-");
    }
  }

  private Listing() {}

  /** At most {@code limit} items, of as many pages as that takes. */
  static List<JsonNode> read(
      PlatformClient client, String path, Map<String, String> query, int limit) {
    List<JsonNode> items = new ArrayList<>();
    Map<String, String> asked = new TreeMap<>(query);
    while (items.size() < limit) {
      asked.put("limit", String.valueOf(Math.min(PAGE, limit - items.size())));
      JsonNode page = client.read(path, asked);
      page.path("items").forEach(items::add);
      String next = page.path("next").asText("");
      if (page.path("next").isNull() || next.isEmpty()) {
        break;
      }
      asked.put("cursor", next);
    }
    return items;
  }

  /** Prints items as a table, or as one JSON array. */
  static void print(Terminal terminal, boolean json, List<JsonNode> items, Column... columns) {
    if (json) {
      ArrayNode array = JsonNodeFactory.instance.arrayNode();
      items.forEach(array::add);
      terminal.out().println(array);
    } else {
      table(terminal, items, columns);
    }
    terminal.out().flush();
  }

  private static void table(Terminal terminal, List<JsonNode> items, Column... columns) {
    List<List<String>> rows = new ArrayList<>();
    for (JsonNode item : items) {
      List<String> row = new ArrayList<>();
      for (Column column : columns) {
        row.add(Printable.of(column.text().apply(item), WIDEST));
      }
      rows.add(row);
    }
    StringBuilder format = new StringBuilder();
    for (int i = 0; i < columns.length; i++) {
      int width = columns[i].title().length();
      for (List<String> row : rows) {
        width = Math.max(width, row.get(i).length());
      }
      format.append(i == columns.length - 1 ? "%s" : "%-" + width + "s  ");
    }
    Object[] titles = new Object[columns.length];
    for (int i = 0; i < columns.length; i++) {
      titles[i] = columns[i].title();
    }
    terminal.out().println(terminal.bold(format.toString().formatted(titles)));
    rows.forEach(
        row ->
            terminal.out().println(String.format(Locale.ROOT, format.toString(), row.toArray())));
  }

  /** A query without what was not given. */
  static Map<String, String> query(String... keysAndValues) {
    Map<String, String> query = new TreeMap<>();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      if (keysAndValues[i + 1] != null) {
        query.put(keysAndValues[i], keysAndValues[i + 1]);
      }
    }
    return query;
  }
}
