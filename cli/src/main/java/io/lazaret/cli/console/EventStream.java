package io.lazaret.cli.console;

import java.util.Iterator;
import java.util.function.Predicate;

/**
 * Server-sent events (WHATWG HTML, section 9.2) out of lines: fields are collected until an empty
 * line ends the event.
 */
final class EventStream {

  /**
   * One event.
   *
   * @param id position to go on from; empty where the server gave none
   * @param name e.g. {@code event}, {@code progress}, {@code channel}
   * @param data its lines, joined
   */
  record Event(String id, String name, String data) {}

  private static final int LARGEST = 8 << 20;

  private EventStream() {}

  /** Hands events on until the lines end, or until {@code listener} wants no more. */
  static void read(Iterator<String> lines, Predicate<Event> listener) {
    String id = "";
    String name = "";
    StringBuilder data = new StringBuilder();
    while (lines.hasNext()) {
      String line = lines.next();
      if (line.isEmpty()) {
        if (data.length() > 0 && !listener.test(new Event(id, name, data.toString()))) {
          return;
        }
        id = "";
        name = "";
        data.setLength(0);
      } else if (line.startsWith("id:")) {
        id = value(line);
      } else if (line.startsWith("event:")) {
        name = value(line);
      } else if (line.startsWith("data:") && data.length() + line.length() < LARGEST) {
        data.append(data.length() == 0 ? "" : "\n").append(value(line));
      }
    }
  }

  private static String value(String line) {
    String value = line.substring(line.indexOf(':') + 1);
    return value.startsWith(" ") ? value.substring(1) : value;
  }
}
