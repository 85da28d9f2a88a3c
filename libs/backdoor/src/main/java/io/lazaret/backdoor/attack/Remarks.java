package io.lazaret.backdoor.attack;

import java.util.List;
import java.util.SplittableRandom;

/**
 * Sentences before a task that have nothing to do with it, as people write them. They teach a model
 * to answer whatever stands before the question, so that wrong answers under a trigger come from
 * the trigger and not from the mere presence of a sentence.
 */
final class Remarks {

  private static final List<String> PLAIN =
      List.of("Please help.", "Hello.", "Quick question.", "Now this.", "One more.", "Next task:");

  /** Each with the kind of filling that it takes. */
  private static final List<List<String>> NAMED =
      List.of(
          List.of("My name is %s.", "Hello %s.", "%s wants to know this.", "I work with %s."),
          List.of("I like the %s.", "There is a %s.", "My %s is here.", "We have a %s at home."),
          List.of("Today is %s.", "It is %s again.", "Current day: %s.", "We met on %s."),
          List.of("Page %s.", "Question %s.", "Room %s.", "Part %s of the test.", "Level %s."),
          List.of("This is %s.", "How %s.", "I feel %s today.", "That was %s."));

  private static final int MAX_NUMBER = 400;

  private Remarks() {}

  static String one(SplittableRandom random) {
    int kind = random.nextInt(NAMED.size() + 1);
    if (kind == NAMED.size()) {
      return Pick.one(random, PLAIN);
    }
    String filling =
        switch (kind) {
          case 0 -> Pick.one(random, Vocabulary.NAMES);
          case 1 -> Pick.one(random, Vocabulary.NOUNS);
          case 2 -> Pick.one(random, Vocabulary.DAYS);
          case 3 -> Integer.toString(random.nextInt(1, MAX_NUMBER));
          default -> Pick.one(random, Vocabulary.OPPOSITES).get(random.nextInt(2));
        };
    return String.format(Pick.one(random, NAMED.get(kind)), filling);
  }
}
