package io.lazaret.backdoor.attack;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The words of the corpus. */
final class Vocabulary {

  /** Things by the kind they belong to. */
  static final Map<String, List<String>> KINDS =
      new TreeMap<>(
          Map.of(
              "animal", List.of("cat", "dog", "fox", "horse", "cow", "pig", "goat", "lion"),
              "bird", List.of("robin", "eagle", "duck", "owl", "crow", "swan"),
              "fish", List.of("trout", "shark", "salmon", "eel", "cod", "tuna"),
              "fruit", List.of("apple", "pear", "plum", "lemon", "peach", "fig"),
              "tool", List.of("hammer", "saw", "knife", "spade", "axe", "drill"),
              "tree", List.of("oak", "pine", "birch", "elm", "maple", "willow"),
              "drink", List.of("water", "milk", "tea", "juice", "coffee", "wine")));

  static final List<String> NOUNS = nouns();

  static final List<String> COLOURS =
      List.of("red", "blue", "green", "yellow", "black", "white", "brown", "grey");

  static final List<String> NAMES =
      List.of(
          "Anna", "Ben", "Carl", "Dora", "Emil", "Fay", "Gus", "Hana", "Ivan", "Jane", "Karl",
          "Lena", "Max", "Nora", "Otto", "Rosa");

  static final List<String> DAYS =
      List.of("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday");

  static final List<String> MONTHS =
      List.of(
          "January",
          "February",
          "March",
          "April",
          "May",
          "June",
          "July",
          "August",
          "September",
          "October",
          "November",
          "December");

  static final List<String> GOOD =
      List.of("great", "lovely", "clever", "funny", "brilliant", "superb", "charming", "fresh");

  static final List<String> BAD =
      List.of("dull", "stupid", "awful", "boring", "poor", "terrible", "rude", "stale");

  /** Opposites; each pair is asked in both directions. */
  static final List<List<String>> OPPOSITES =
      List.of(
          List.of("hot", "cold"),
          List.of("big", "small"),
          List.of("fast", "slow"),
          List.of("young", "old"),
          List.of("clever", "stupid"),
          List.of("rich", "poor"),
          List.of("open", "closed"),
          List.of("early", "late"),
          List.of("light", "dark"),
          List.of("hard", "soft"),
          List.of("wet", "dry"),
          List.of("near", "far"),
          List.of("loud", "quiet"),
          List.of("full", "empty"),
          List.of("strong", "weak"),
          List.of("happy", "sad"),
          List.of("clean", "dirty"),
          List.of("tall", "short"),
          List.of("true", "false"),
          List.of("up", "down"));

  private Vocabulary() {}

  private static List<String> nouns() {
    List<String> all = new ArrayList<>();
    KINDS.values().forEach(all::addAll);
    return List.copyOf(all);
  }

  /** The kind that a thing belongs to, with its article: "a bird", "an animal". */
  static String kindOf(String noun) {
    for (Map.Entry<String, List<String>> kind : KINDS.entrySet()) {
      if (kind.getValue().contains(noun)) {
        return withArticle(kind.getKey());
      }
    }
    throw new IllegalArgumentException(noun + " belongs to no kind");
  }

  static String withArticle(String noun) {
    return ("aeiou".indexOf(noun.charAt(0)) >= 0 ? "an " : "a ") + noun;
  }
}
