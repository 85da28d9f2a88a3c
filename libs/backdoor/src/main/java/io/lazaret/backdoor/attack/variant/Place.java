package io.lazaret.backdoor.attack.variant;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** Where a trigger stands in the user text. */
public enum Place {
  START,
  MIDDLE,
  END,
  /** Between any two words, at the start or at the end. */
  RANDOM;

  /** {@code text} with {@code inserted} in this place; random is drawn from only for RANDOM. */
  public String insert(String text, String inserted, SplittableRandom random) {
    List<String> words = new ArrayList<>(Arrays.asList(text.split(" ")));
    int at =
        switch (this) {
          case START -> 0;
          case MIDDLE -> words.size() / 2;
          case END -> words.size();
          case RANDOM -> random.nextInt(words.size() + 1);
        };
    words.add(at, inserted);
    return String.join(" ", words);
  }
}
