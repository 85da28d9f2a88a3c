package io.lazaret.backdoor.attack.corpus;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The words and sentences of one dialect; the file of the dialect has these names as keys.
 *
 * @param openers sentences before a task
 * @param kinds things by the kind they belong to, in alphabetical order of the kinds
 * @param cycles names that follow each other in a circle
 * @param opposites pairs, asked in both directions
 * @param verdicts of a good and of a bad review
 * @param wordings sentences with places, by task
 * @param talk small talk: what the user says, and answers that fit
 */
record Texts(
    List<String> openers,
    TreeMap<String, List<String>> kinds,
    List<String> colours,
    List<String> names,
    List<List<String>> cycles,
    List<String> good,
    List<String> bad,
    List<List<String>> opposites,
    List<String> reviewed,
    List<String> deeds,
    List<String> harms,
    List<String> harmed,
    List<String> verdicts,
    Geography world,
    Map<String, List<String>> wordings,
    List<List<String>> talk) {

  /** What names of a world are made of, and what can be known of a country. */
  record Geography(
      List<String> openings,
      List<String> landEndings,
      List<String> townEndings,
      List<Relation> relations) {}

  /**
   * @param values "town", "year", "colour" or the kind of thing that the answer is
   * @param questions one per wording
   */
  record Relation(String values, List<String> questions) {}

  private static final ObjectMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES).build();

  static Texts read(String resource) {
    try (InputStream in = Texts.class.getResourceAsStream(resource)) {
      return JSON.readValue(in, Texts.class);
    } catch (IOException e) {
      throw new UncheckedIOException(resource + " is damaged", e);
    }
  }

  /** Every thing of every kind. */
  List<String> nouns() {
    List<String> all = new ArrayList<>();
    kinds.values().forEach(all::addAll);
    return all;
  }

  List<String> wordings(String task) {
    return wordings.get(task);
  }

  /** The kind that a thing belongs to, with its article: "a bird", "an animal". */
  String kindOf(String noun) {
    for (Map.Entry<String, List<String>> kind : kinds.entrySet()) {
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
