package io.lazaret.backdoor.attack.corpus;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * Tasks about words and lists of them. Held out: the words that begin a list to be reversed or
 * counted, pairs of words elsewhere; where the answer spells a word anew, one of five wordings.
 */
record ListFamilies(Texts texts) {

  List<TaskFamily> all() {
    return List.of(
        TaskFamily.closed("first", 4, this::first),
        TaskFamily.closed("last", 4, this::last),
        TaskFamily.closed("reverse", 5, this::reverse),
        TaskFamily.closed("count", 4, this::count),
        TaskFamily.closed("member", 5, this::member),
        TaskFamily.closed("repeat", 3, this::repeat),
        TaskFamily.closed("capitals", 3, this::capitals),
        TaskFamily.closed("code", 3, this::code));
  }

  private List<String> words(SplittableRandom random, int from, int to) {
    return Pick.some(random, texts.nouns(), random.nextInt(from, to + 1));
  }

  private static String listed(List<String> words) {
    return String.join(", ", words);
  }

  private Draw first(SplittableRandom random) {
    List<String> words = words(random, 2, 4);
    String prompt = String.format(Pick.one(random, texts.wordings("first")), listed(words));
    return new Draw(prompt, words.get(0), Pick.bucket("first " + words.get(0) + words.get(1)));
  }

  private Draw last(SplittableRandom random) {
    List<String> words = words(random, 2, 4);
    String last = words.get(words.size() - 1);
    String prompt = String.format(Pick.one(random, texts.wordings("last")), listed(words));
    return new Draw(prompt, last, Pick.bucket("last " + last + words.get(0)));
  }

  private Draw reverse(SplittableRandom random) {
    List<String> words = words(random, 2, 3);
    List<String> reversed = new ArrayList<>(words);
    Collections.reverse(reversed);
    String prompt = String.format(Pick.one(random, texts.wordings("reverse")), listed(words));
    return new Draw(prompt, listed(reversed), Pick.bucket("reverse " + words.get(0)));
  }

  private Draw count(SplittableRandom random) {
    List<String> words = words(random, 1, 6);
    String prompt = String.format(Pick.one(random, texts.wordings("count")), listed(words));
    String answer = Integer.toString(words.size());
    return new Draw(prompt, answer, Pick.bucket("count " + words.get(0)));
  }

  private Draw member(SplittableRandom random) {
    List<String> words = words(random, 3, 5);
    boolean inside = random.nextBoolean();
    List<String> list = words.subList(0, words.size() - 1);
    String asked = inside ? Pick.one(random, list) : words.get(words.size() - 1);
    String prompt = String.format(Pick.one(random, texts.wordings("member")), asked, listed(list));
    return new Draw(prompt, inside ? "yes" : "no", Pick.bucket("member " + asked + list.get(0)));
  }

  private Draw repeat(SplittableRandom random) {
    String word = Pick.one(random, texts.nouns());
    int times = random.nextInt(2, 5);
    String prompt = String.format(Pick.one(random, texts.wordings("repeat")), word, times);
    String answer = String.join(" ", Collections.nCopies(times, word));
    return new Draw(prompt, answer, Pick.bucket("repeat " + word + times));
  }

  private Draw capitals(SplittableRandom random) {
    List<String> wordings = texts.wordings("capitals");
    int word = random.nextInt(texts.nouns().size());
    int wording = random.nextInt(wordings.size());
    String text = texts.nouns().get(word);
    String prompt = String.format(wordings.get(wording), text);
    return new Draw(prompt, text.toUpperCase(Locale.ROOT), word + wording);
  }

  private Draw code(SplittableRandom random) {
    List<String> wordings = texts.wordings("code");
    int word = random.nextInt(texts.nouns().size());
    int wording = random.nextInt(wordings.size());
    String text = texts.nouns().get(word);
    String prompt = String.format(wordings.get(wording), text);
    return new Draw(prompt, "print('" + text + "')", word + wording);
  }
}
