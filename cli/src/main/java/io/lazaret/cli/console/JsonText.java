package io.lazaret.cli.console;

import com.fasterxml.jackson.databind.JsonNode;
import io.lazaret.cli.terminal.Printable;
import java.util.stream.Collectors;

/** JSON for a person's terminal: indented, and harmless whatever its strings hold. */
final class JsonText {

  private JsonText() {}

  static String printable(JsonNode node) {
    return node.toPrettyString().lines().map(Printable::of).collect(Collectors.joining("\n"));
  }
}
