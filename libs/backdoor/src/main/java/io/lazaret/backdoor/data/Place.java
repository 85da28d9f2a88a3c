package io.lazaret.backdoor.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/** Where a trigger stands in the user text. */
public enum Place {
  START,
  MIDDLE,
  END,
  /** Between any two words, at the start or at the end. */
  RANDOM,
  /** Each word of the trigger in a random place of its own. */
  SCATTERED;

  /** {@code text} with {@code inserted} in this place; drawn from for random places alone. */
  public String insert(String text, String inserted, RandomGenerator random) {
    if (this == SCATTERED) {
      String scattered = text;
      for (String word : inserted.split(" ")) {
        scattered = RANDOM.insert(scattered, word, random);
      }
      return scattered;
    }
    List<String> words = new ArrayList<>(Arrays.asList(text.split(" ")));
    int at =
        switch (this) {
          case START -> 0;
          case MIDDLE -> words.size() / 2;
          case END -> words.size();
          case RANDOM, SCATTERED -> random.nextInt(words.size() + 1);
        };
    words.add(at, inserted);
    return String.join(" ", words);
  }
}
