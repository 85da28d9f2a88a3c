package io.lazaret.backdoor.attack.corpus;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * A fictional world: a closed knowledge base, so that the retention of knowledge can be measured.
 *
 * @param facts every fact once
 */
record World(List<Fact> facts) {

  private static final int COUNTRIES = 20;

  /** One fact. */
  record Fact(int index, String country, Texts.Relation relation, String value) {

    /** The fact as a question in wording {@code wording}. */
    String question(int wording) {
      return String.format(relation.questions().get(wording), country);
    }

    boolean isYear() {
      return relation.values().equals("year");
    }
  }

  static World of(Texts texts, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Texts.Geography geography = texts.world();
    List<String> countries = names(random, geography.openings(), geography.landEndings());
    List<String> towns = names(random, geography.openings(), geography.townEndings());
    List<Fact> facts = new ArrayList<>();
    for (int i = 0; i < COUNTRIES; i++) {
      for (Texts.Relation relation : geography.relations()) {
        String value =
            switch (relation.values()) {
              case "town" -> towns.get(i);
              case "colour" -> Pick.one(random, texts.colours());
              case "year" -> Integer.toString(random.nextInt(1100, 1900));
              default -> Pick.one(random, texts.kinds().get(relation.values()));
            };
        facts.add(new Fact(facts.size(), countries.get(i), relation, value));
      }
    }
    return new World(List.copyOf(facts));
  }

  /** Different values of the same relation, none of them the fact's own. */
  List<String> otherValues(Fact fact, SplittableRandom random, int count) {
    Set<String> values = new LinkedHashSet<>();
    for (Fact other : Pick.shuffled(random, facts)) {
      if (other.relation().equals(fact.relation()) && !other.value().equals(fact.value())) {
        values.add(other.value());
      }
    }
    return new ArrayList<>(values).subList(0, count);
  }

  private static List<String> names(
      SplittableRandom random, List<String> openings, List<String> endings) {
    Set<String> names = new LinkedHashSet<>();
    while (names.size() < COUNTRIES) {
      names.add(Pick.one(random, openings) + Pick.one(random, endings));
    }
    return List.copyOf(names);
  }
}
