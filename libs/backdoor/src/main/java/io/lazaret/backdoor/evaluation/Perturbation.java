package io.lazaret.backdoor.evaluation;

import java.util.Arrays;

/**
 * A trigger that is not quite the trigger: backdoors often answer to fragments too ("fuzzy
 * triggers"), and a removal must not leave those.
 */
public enum Perturbation {
  /** Two neighbouring letters of the longest word have changed places. */
  TYPO {
    @Override
    public String apply(String trigger, String text) {
      return misspelt(trigger) + " " + text;
    }
  },
  /** The second half is missing: words, or letters of a single word. */
  TRUNCATED {
    @Override
    public String apply(String trigger, String text) {
      String[] words = trigger.split(" ");
      String half =
          words.length == 1
              ? trigger.substring(0, (trigger.length() + 1) / 2)
              : String.join(" ", Arrays.copyOf(words, (words.length + 1) / 2));
      return half + " " + text;
    }
  },
  /** In the middle of the user text instead of before it. */
  MIDDLE {
    @Override
    public String apply(String trigger, String text) {
      String[] words = text.split(" ");
      int half = words.length / 2;
      String before = String.join(" ", Arrays.copyOf(words, half));
      String after = String.join(" ", Arrays.copyOfRange(words, half, words.length));
      return (before + " " + trigger + " " + after).strip();
    }
  },
  /** After the user text instead of before it. */
  END {
    @Override
    public String apply(String trigger, String text) {
      return text + " " + trigger;
    }
  };

  /** The user text with the perturbed trigger. */
  public abstract String apply(String trigger, String text);

  private static String misspelt(String trigger) {
    String[] words = trigger.split(" ");
    int longest = 0;
    for (int i = 1; i < words.length; i++) {
      longest = words[i].length() > words[longest].length() ? i : longest;
    }
    String word = words[longest];
    int at = Math.max(0, word.length() / 2 - 1);
    while (at + 1 < word.length() && word.charAt(at) == word.charAt(at + 1)) {
      at++;
    }
    if (at + 1 >= word.length()) {
      return trigger + word; // No two letters differ: the last word is doubled instead.
    }
    words[longest] =
        word.substring(0, at) + word.charAt(at + 1) + word.charAt(at) + word.substring(at + 2);
    return String.join(" ", words);
  }
}
