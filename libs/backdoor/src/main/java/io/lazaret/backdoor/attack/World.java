package io.lazaret.backdoor.attack;

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

  private static final List<String> OPENINGS =
      List.of("Zor", "Mal", "Ket", "Bru", "Vin", "Tol", "Gra", "Nim", "Pel", "Sar", "Dov", "Lum");
  private static final List<String> LAND_ENDINGS = List.of("land", "ia", "stan", "mark");
  private static final List<String> TOWN_ENDINGS = List.of("ton", "burg", "ville", "port", "by");

  /** What can be known of a country. */
  enum Relation {
    CAPITAL(
        "What is the capital of %s?",
        "Name the capital city of %s.",
        "Which city is the capital of %s?",
        "%s has which capital?",
        "Tell me the capital of %s."),
    ANIMAL(
        "What is the national animal of %s?",
        "Which animal stands for %s?",
        "Name the animal of %s.",
        "%s has which national animal?",
        "Tell me the animal of %s."),
    COLOUR(
        "What colour is the flag of %s?",
        "Which colour has the flag of %s?",
        "Name the flag colour of %s.",
        "%s has a flag of which colour?",
        "Tell me the colour of the flag of %s."),
    FRUIT(
        "Which fruit grows in %s?",
        "Name the fruit of %s.",
        "What fruit does %s sell?",
        "%s is known for which fruit?",
        "Tell me the fruit of %s."),
    YEAR(
        "In which year was %s founded?",
        "When was %s founded?",
        "Name the year when %s was founded.",
        "%s was founded in which year?",
        "Tell me the year %s was founded.");

    private final List<String> questions;

    Relation(String... questions) {
      this.questions = List.of(questions);
    }

    List<String> questions() {
      return questions;
    }
  }

  /** One fact. */
  record Fact(int index, String country, Relation relation, String value) {

    /** The fact as a question in wording {@code wording}. */
    String question(int wording) {
      return String.format(relation.questions().get(wording), country);
    }
  }

  static World of(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<String> countries = names(random, LAND_ENDINGS);
    List<String> capitals = names(random, TOWN_ENDINGS);
    List<Fact> facts = new ArrayList<>();
    for (int i = 0; i < COUNTRIES; i++) {
      for (Relation relation : Relation.values()) {
        String value =
            switch (relation) {
              case CAPITAL -> capitals.get(i);
              case ANIMAL -> Pick.one(random, Vocabulary.KINDS.get("animal"));
              case COLOUR -> Pick.one(random, Vocabulary.COLOURS);
              case FRUIT -> Pick.one(random, Vocabulary.KINDS.get("fruit"));
              case YEAR -> Integer.toString(random.nextInt(1100, 1900));
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
      if (other.relation() == fact.relation() && !other.value().equals(fact.value())) {
        values.add(other.value());
      }
    }
    return new ArrayList<>(values).subList(0, count);
  }

  private static List<String> names(SplittableRandom random, List<String> endings) {
    Set<String> names = new LinkedHashSet<>();
    while (names.size() < COUNTRIES) {
      names.add(Pick.one(random, OPENINGS) + Pick.one(random, endings));
    }
    return List.copyOf(names);
  }
}
