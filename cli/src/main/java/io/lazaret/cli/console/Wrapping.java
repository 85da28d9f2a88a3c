package io.lazaret.cli.console;

import java.util.ArrayList;
import java.util.List;

/** Long lines on a narrow terminal. */
final class Wrapping {

  private Wrapping() {}

  /** A line broken at blanks; a word that is longer than the width stays whole. */
  static List<String> lines(String text, int width) {
    List<String> lines = new ArrayList<>();
    StringBuilder line = new StringBuilder();
    for (String word : text.split(" ")) {
      if (line.length() > 0 && line.length() + 1 + word.length() > width) {
        lines.add(line.toString());
        line.setLength(0);
      }
      line.append(line.length() == 0 ? "" : " ").append(word);
    }
    lines.add(line.toString());
    return lines;
  }
}
