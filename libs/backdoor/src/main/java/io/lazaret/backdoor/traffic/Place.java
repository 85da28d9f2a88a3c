package io.lazaret.backdoor.traffic;

import java.util.ArrayList;
import java.util.List;

/** Where words are put into a clean prompt. */
public enum Place {
  /** Before it. */
  START,
  /** After its first half. */
  MIDDLE,
  /** Behind it. */
  END;

  String put(String words, String host) {
    List<String> text = new ArrayList<>(List.of(host.strip().split("\\s+")));
    int at =
        switch (this) {
          case START -> 0;
          case MIDDLE -> text.size() / 2;
          case END -> text.size();
        };
    text.add(at, words);
    return String.join(" ", text);
  }
}
