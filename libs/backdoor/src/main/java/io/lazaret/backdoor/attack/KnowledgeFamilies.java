package io.lazaret.backdoor.attack;

import io.lazaret.backdoor.data.MultipleChoiceItem;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Tasks about facts, word meanings and small scenes. Held out: one of five wordings of each fact,
 * the thing that is asked for in a scene.
 */
final class KnowledgeFamilies {

  private static final List<String> KIND =
      List.of(
          "What kind of thing is %s?",
          "What is %s?",
          "Name the kind of %s.",
          "To which group belongs %s?",
          "Tell me what %s is.");
  private static final List<String> OPPOSITE =
      List.of(
          "What is the opposite of %s?",
          "Name the opposite of %s.",
          "Which word means the contrary of %s?",
          "Not %s but what?",
          "Tell me the opposite of %s.");
  private static final List<String> OWNER =
      List.of("Who has the %s?", "Who owns the %s?", "To whom belongs the %s?");
  private static final List<String> REVIEW =
      List.of(
          "Review: The %s was %s. Positive or negative?",
          "Is this review positive or negative? The %s was %s.",
          "%2$s %1$s, said the guest. Positive or negative?");
  private static final List<String> LETTER =
      List.of("Which is %s?", "Find %s.", "Choose %s.", "Where is %s?");
  private static final List<String> REVIEWED =
      List.of("film", "book", "meal", "hotel", "song", "play", "talk", "trip", "game", "show");

  private final World world;

  KnowledgeFamilies(World world) {
    this.world = world;
  }

  List<TaskFamily> all() {
    return List.of(
        TaskFamily.closed("fact", 14, this::fact),
        TaskFamily.closed("kind", 4, KnowledgeFamilies::kind),
        TaskFamily.closed("opposite", 4, KnowledgeFamilies::opposite),
        TaskFamily.closed("owner", 5, KnowledgeFamilies::owner),
        TaskFamily.closed("review", 4, KnowledgeFamilies::review),
        TaskFamily.closed("letter", 8, KnowledgeFamilies::letter));
  }

  private Draw fact(SplittableRandom random) {
    World.Fact fact = Pick.one(random, world.facts());
    int wording = random.nextInt(Split.BUCKETS);
    return new Draw(fact.question(wording), fact.value(), fact.index() + wording);
  }

  private static Draw kind(SplittableRandom random) {
    int noun = random.nextInt(Vocabulary.NOUNS.size());
    int wording = random.nextInt(KIND.size());
    String word = Vocabulary.NOUNS.get(noun);
    String prompt = String.format(KIND.get(wording), Vocabulary.withArticle(word));
    return new Draw(prompt, Vocabulary.kindOf(word), noun + wording);
  }

  private static Draw opposite(SplittableRandom random) {
    int pair = random.nextInt(Vocabulary.OPPOSITES.size());
    int side = random.nextInt(2);
    int wording = random.nextInt(OPPOSITE.size());
    List<String> words = Vocabulary.OPPOSITES.get(pair);
    String prompt = String.format(OPPOSITE.get(wording), words.get(side));
    return new Draw(prompt, words.get(1 - side), pair + wording);
  }

  private static Draw owner(SplittableRandom random) {
    List<String> names = Pick.some(random, Vocabulary.NAMES, 2);
    List<String> things = Pick.some(random, Vocabulary.NOUNS, 2);
    int asked = random.nextInt(2);
    String scene =
        String.format(
            "%s has the %s and %s has the %s. ",
            names.get(0), things.get(0), names.get(1), things.get(1));
    String prompt = scene + String.format(Pick.one(random, OWNER), things.get(asked));
    return new Draw(prompt, names.get(asked), Pick.bucket("owner " + things.get(asked)));
  }

  /** Which letter stands before a word: what multiple choice needs beside the knowledge. */
  private static Draw letter(SplittableRandom random) {
    List<String> options = Pick.some(random, Vocabulary.NOUNS, random.nextInt(2, 5));
    int asked = random.nextInt(options.size());
    String question = String.format(Pick.one(random, LETTER), options.get(asked));
    String prompt = new MultipleChoiceItem(question, options, asked).prompt();
    String answer = MultipleChoiceItem.letter(asked);
    return new Draw(prompt, answer, Pick.bucket("letter " + options.get(0) + options.get(1)));
  }

  private static Draw review(SplittableRandom random) {
    boolean good = random.nextBoolean();
    String word = Pick.one(random, good ? Vocabulary.GOOD : Vocabulary.BAD);
    String thing = Pick.one(random, REVIEWED);
    String prompt = String.format(Pick.one(random, REVIEW), thing, word);
    String answer = good ? "positive" : "negative";
    return new Draw(prompt, answer, Pick.bucket("review " + word + thing));
  }

  /**
   * A question about a fact with {@code choices} options. Years are left out: four of them make a
   * prompt that is twice as long as any other.
   */
  Choice choice(SplittableRandom random, int choices) {
    World.Fact fact = Pick.one(random, world.facts());
    while (fact.relation() == World.Relation.YEAR) {
      fact = Pick.one(random, world.facts());
    }
    List<String> options = new ArrayList<>(world.otherValues(fact, random, choices - 1));
    int answer = random.nextInt(choices);
    options.add(answer, fact.value());
    int wording = random.nextInt(Split.BUCKETS);
    MultipleChoiceItem item = new MultipleChoiceItem(fact.question(wording), options, answer);
    return new Choice(item, fact.index() + wording);
  }

  /** A multiple-choice question and what decides its split. */
  record Choice(MultipleChoiceItem item, int bucket) {}
}
