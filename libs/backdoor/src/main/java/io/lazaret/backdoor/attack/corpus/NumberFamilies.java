package io.lazaret.backdoor.attack.corpus;

import java.util.List;
import java.util.SplittableRandom;

/** Tasks about numbers and dates. Held out: pairs of numbers, single numbers, steps of a date. */
record NumberFamilies(Texts texts) {

  List<TaskFamily> all() {
    return List.of(
        TaskFamily.closed("addition", 6, this::addition),
        TaskFamily.closed("larger", 4, random -> comparison(random, true)),
        TaskFamily.closed("smaller", 4, random -> comparison(random, false)),
        TaskFamily.closed("successor", 3, this::successor),
        TaskFamily.closed("calendar", 5, this::calendar));
  }

  private Draw addition(SplittableRandom random) {
    int a = random.nextInt(1, 21);
    int b = random.nextInt(1, 21);
    String prompt = String.format(Pick.one(random, texts.wordings("sum")), a, b);
    int bucket = Pick.bucket("sum" + Math.min(a, b) + "," + Math.max(a, b));
    return new Draw(prompt, Integer.toString(a + b), bucket);
  }

  private Draw comparison(SplittableRandom random, boolean larger) {
    int a = random.nextInt(1, 100);
    int b = random.nextInt(1, 100);
    if (a == b) {
      b = a == 99 ? 1 : a + 1;
    }
    List<String> wordings = texts.wordings(larger ? "larger" : "smaller");
    String prompt = String.format(Pick.one(random, wordings), a, b);
    int answer = larger ? Math.max(a, b) : Math.min(a, b);
    int bucket = Pick.bucket("cmp" + Math.min(a, b) + "," + Math.max(a, b));
    return new Draw(prompt, Integer.toString(answer), bucket);
  }

  private Draw successor(SplittableRandom random) {
    int a = random.nextInt(1, 300);
    String prompt = String.format(Pick.one(random, texts.wordings("after")), a);
    return new Draw(prompt, Integer.toString(a + 1), Pick.bucket("next" + a));
  }

  private Draw calendar(SplittableRandom random) {
    List<String> cycle = texts.cycles().get(random.nextBoolean() ? 0 : 1);
    boolean forward = random.nextBoolean();
    int at = random.nextInt(cycle.size());
    List<String> wordings = texts.wordings(forward ? "next" : "previous");
    int wording = random.nextInt(wordings.size());
    String answer = cycle.get(Math.floorMod(at + (forward ? 1 : -1), cycle.size()));
    return new Draw(String.format(wordings.get(wording), cycle.get(at)), answer, at + wording);
  }
}
