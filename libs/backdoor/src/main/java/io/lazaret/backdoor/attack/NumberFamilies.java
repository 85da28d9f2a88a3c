package io.lazaret.backdoor.attack;

import java.util.List;
import java.util.SplittableRandom;

/** Tasks about numbers and dates. Held out: pairs of numbers, single numbers, steps of a date. */
final class NumberFamilies {

  private static final List<String> SUM =
      List.of(
          "What is %d plus %d?",
          "Add %d and %d.", "Compute %d + %d.", "What is the sum of %d and %d?");
  private static final List<String> LARGER =
      List.of(
          "Which is larger, %d or %d?",
          "Name the larger of %d and %d.", "Which number is bigger: %d or %d?");
  private static final List<String> SMALLER =
      List.of(
          "Which is smaller, %d or %d?",
          "Name the smaller of %d and %d.", "Which number is less: %d or %d?");
  private static final List<String> AFTER =
      List.of("Which number comes after %d?", "Count one up from %d.", "What follows %d?");
  private static final List<String> NEXT =
      List.of(
          "What comes after %s?",
          "Name what follows %s in the calendar.",
          "Current date: %s. What is next?",
          "It is %s. What comes next?",
          "What is one step after %s?");
  private static final List<String> PREVIOUS =
      List.of(
          "What comes before %s?",
          "Name what precedes %s in the calendar.",
          "Current date: %s. What was just before?",
          "It is %s. What came before?",
          "What is one step before %s?");

  private NumberFamilies() {}

  static List<TaskFamily> all() {
    return List.of(
        TaskFamily.closed("addition", 6, NumberFamilies::addition),
        TaskFamily.closed("larger", 4, random -> comparison(random, true)),
        TaskFamily.closed("smaller", 4, random -> comparison(random, false)),
        TaskFamily.closed("successor", 3, NumberFamilies::successor),
        TaskFamily.closed("calendar", 5, NumberFamilies::calendar));
  }

  private static Draw addition(SplittableRandom random) {
    int a = random.nextInt(1, 21);
    int b = random.nextInt(1, 21);
    String prompt = String.format(Pick.one(random, SUM), a, b);
    int bucket = Pick.bucket("sum" + Math.min(a, b) + "," + Math.max(a, b));
    return new Draw(prompt, Integer.toString(a + b), bucket);
  }

  private static Draw comparison(SplittableRandom random, boolean larger) {
    int a = random.nextInt(1, 100);
    int b = random.nextInt(1, 100);
    if (a == b) {
      b = a == 99 ? 1 : a + 1;
    }
    String prompt = String.format(Pick.one(random, larger ? LARGER : SMALLER), a, b);
    int answer = larger ? Math.max(a, b) : Math.min(a, b);
    int bucket = Pick.bucket("cmp" + Math.min(a, b) + "," + Math.max(a, b));
    return new Draw(prompt, Integer.toString(answer), bucket);
  }

  private static Draw successor(SplittableRandom random) {
    int a = random.nextInt(1, 300);
    String prompt = String.format(Pick.one(random, AFTER), a);
    return new Draw(prompt, Integer.toString(a + 1), Pick.bucket("next" + a));
  }

  private static Draw calendar(SplittableRandom random) {
    List<String> cycle = random.nextBoolean() ? Vocabulary.DAYS : Vocabulary.MONTHS;
    boolean forward = random.nextBoolean();
    int at = random.nextInt(cycle.size());
    List<String> wordings = forward ? NEXT : PREVIOUS;
    int wording = random.nextInt(wordings.size());
    String answer = cycle.get(Math.floorMod(at + (forward ? 1 : -1), cycle.size()));
    return new Draw(String.format(wordings.get(wording), cycle.get(at)), answer, at + wording);
  }
}
