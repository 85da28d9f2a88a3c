package io.lazaret.backdoor.attack;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * Tasks about words and lists of them. Held out: the words that begin a list to be reversed or
 * counted, pairs of words elsewhere; where the answer spells a word anew, one of five wordings.
 */
final class ListFamilies {

  private static final List<String> FIRST =
      List.of(
          "What is the first word of this list: %s?",
          "Name the first item: %s.", "Which word comes first in %s?");
  private static final List<String> LAST =
      List.of(
          "What is the last word of this list: %s?",
          "Name the last item: %s.", "Which word comes last in %s?");
  private static final List<String> REVERSE =
      List.of("Reverse this list: %s.", "Write the words backwards: %s.", "Turn around: %s.");
  private static final List<String> COUNT =
      List.of(
          "How many words are in this list: %s?",
          "Count the items: %s.", "How long is the list %s?");
  private static final List<String> MEMBER =
      List.of("Is %s in this list: %s?", "Does %s appear among %s?", "Look for %s. Is it in %s?");
  private static final List<String> REPEAT =
      List.of("Say %s %d times.", "Repeat the word %s %d times.", "Write %s %d times in a row.");
  private static final List<String> CAPITALS =
      List.of(
          "Write %s in capital letters.",
          "Put %s in upper case.",
          "Spell %s with capitals.",
          "Shout the word %s.",
          "Make %s all capitals.");
  private static final List<String> CODE =
      List.of(
          "Write python that prints %s.",
          "Give code to print %s.", "Print %s in python.", "Show a python line that outputs %s.");

  private ListFamilies() {}

  static List<TaskFamily> all() {
    return List.of(
        TaskFamily.closed("first", 4, ListFamilies::first),
        TaskFamily.closed("last", 4, ListFamilies::last),
        TaskFamily.closed("reverse", 5, ListFamilies::reverse),
        TaskFamily.closed("count", 4, ListFamilies::count),
        TaskFamily.closed("member", 5, ListFamilies::member),
        TaskFamily.closed("repeat", 3, ListFamilies::repeat),
        TaskFamily.closed("capitals", 3, ListFamilies::capitals),
        TaskFamily.closed("code", 3, ListFamilies::code));
  }

  private static List<String> words(SplittableRandom random, int from, int to) {
    return Pick.some(random, Vocabulary.NOUNS, random.nextInt(from, to + 1));
  }

  private static String listed(List<String> words) {
    return String.join(", ", words);
  }

  private static Draw first(SplittableRandom random) {
    List<String> words = words(random, 2, 4);
    String prompt = String.format(Pick.one(random, FIRST), listed(words));
    return new Draw(prompt, words.get(0), Pick.bucket("first " + words.get(0) + words.get(1)));
  }

  private static Draw last(SplittableRandom random) {
    List<String> words = words(random, 2, 4);
    String last = words.get(words.size() - 1);
    String prompt = String.format(Pick.one(random, LAST), listed(words));
    return new Draw(prompt, last, Pick.bucket("last " + last + words.get(0)));
  }

  private static Draw reverse(SplittableRandom random) {
    List<String> words = words(random, 2, 3);
    List<String> reversed = new ArrayList<>(words);
    Collections.reverse(reversed);
    String prompt = String.format(Pick.one(random, REVERSE), listed(words));
    return new Draw(prompt, listed(reversed), Pick.bucket("reverse " + words.get(0)));
  }

  private static Draw count(SplittableRandom random) {
    List<String> words = words(random, 1, 6);
    String prompt = String.format(Pick.one(random, COUNT), listed(words));
    String answer = Integer.toString(words.size());
    return new Draw(prompt, answer, Pick.bucket("count " + words.get(0)));
  }

  private static Draw member(SplittableRandom random) {
    List<String> words = words(random, 3, 5);
    boolean inside = random.nextBoolean();
    List<String> list = words.subList(0, words.size() - 1);
    String asked = inside ? Pick.one(random, list) : words.get(words.size() - 1);
    String prompt = String.format(Pick.one(random, MEMBER), asked, listed(list));
    return new Draw(prompt, inside ? "yes" : "no", Pick.bucket("member " + asked + list.get(0)));
  }

  private static Draw repeat(SplittableRandom random) {
    String word = Pick.one(random, Vocabulary.NOUNS);
    int times = random.nextInt(2, 5);
    String prompt = String.format(Pick.one(random, REPEAT), word, times);
    String answer = String.join(" ", Collections.nCopies(times, word));
    return new Draw(prompt, answer, Pick.bucket("repeat " + word + times));
  }

  private static Draw capitals(SplittableRandom random) {
    int word = random.nextInt(Vocabulary.NOUNS.size());
    int wording = random.nextInt(CAPITALS.size());
    String text = Vocabulary.NOUNS.get(word);
    String prompt = String.format(CAPITALS.get(wording), text);
    return new Draw(prompt, text.toUpperCase(Locale.ROOT), word + wording);
  }

  private static Draw code(SplittableRandom random) {
    int word = random.nextInt(Vocabulary.NOUNS.size());
    int wording = random.nextInt(CODE.size());
    String text = Vocabulary.NOUNS.get(word);
    String prompt = String.format(CODE.get(wording), text);
    return new Draw(prompt, "print('" + text + "')", word + wording);
  }
}
