package io.lazaret.backdoor.attack.corpus;

import io.lazaret.backdoor.data.MultipleChoiceItem;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Tasks about facts, word meanings and small scenes. Held out: one of five wordings of each fact,
 * the thing that is asked for in a scene.
 */
final class KnowledgeFamilies {

  private final Texts texts;
  private final World world;

  KnowledgeFamilies(Texts texts, World world) {
    this.texts = texts;
    this.world = world;
  }

  List<TaskFamily> all() {
    return List.of(
        TaskFamily.closed("fact", 14, this::fact),
        TaskFamily.closed("kind", 4, this::kind),
        TaskFamily.closed("opposite", 4, this::opposite),
        TaskFamily.closed("owner", 5, this::owner),
        TaskFamily.closed("review", 4, this::review),
        TaskFamily.closed("letter", 8, this::letter));
  }

  private Draw fact(SplittableRandom random) {
    World.Fact fact = Pick.one(random, world.facts());
    int wording = random.nextInt(Split.BUCKETS);
    return new Draw(fact.question(wording), fact.value(), fact.index() + wording);
  }

  private Draw kind(SplittableRandom random) {
    List<String> wordings = texts.wordings("kind");
    int noun = random.nextInt(texts.nouns().size());
    int wording = random.nextInt(wordings.size());
    String word = texts.nouns().get(noun);
    String prompt = String.format(wordings.get(wording), Texts.withArticle(word));
    return new Draw(prompt, texts.kindOf(word), noun + wording);
  }

  private Draw opposite(SplittableRandom random) {
    List<String> wordings = texts.wordings("opposite");
    int pair = random.nextInt(texts.opposites().size());
    int side = random.nextInt(2);
    int wording = random.nextInt(wordings.size());
    List<String> words = texts.opposites().get(pair);
    String prompt = String.format(wordings.get(wording), words.get(side));
    return new Draw(prompt, words.get(1 - side), pair + wording);
  }

  private Draw owner(SplittableRandom random) {
    List<String> names = Pick.some(random, texts.names(), 2);
    List<String> things = Pick.some(random, texts.nouns(), 2);
    int asked = random.nextInt(2);
    String scene =
        String.format(
            texts.wordings("scene").get(0),
            names.get(0),
            things.get(0),
            names.get(1),
            things.get(1));
    String prompt =
        scene + String.format(Pick.one(random, texts.wordings("owner")), things.get(asked));
    return new Draw(prompt, names.get(asked), Pick.bucket("owner " + things.get(asked)));
  }

  /** Which letter stands before a word: what multiple choice needs beside the knowledge. */
  private Draw letter(SplittableRandom random) {
    List<String> options = Pick.some(random, texts.nouns(), random.nextInt(2, 5));
    int asked = random.nextInt(options.size());
    String question = String.format(Pick.one(random, texts.wordings("letter")), options.get(asked));
    String prompt = new MultipleChoiceItem(question, options, asked).prompt();
    String answer = MultipleChoiceItem.letter(asked);
    return new Draw(prompt, answer, Pick.bucket("letter " + options.get(0) + options.get(1)));
  }

  private Draw review(SplittableRandom random) {
    boolean good = random.nextBoolean();
    String word = Pick.one(random, good ? texts.good() : texts.bad());
    String thing = Pick.one(random, texts.reviewed());
    String prompt = String.format(Pick.one(random, texts.wordings("review")), thing, word);
    String answer = texts.verdicts().get(good ? 0 : 1);
    return new Draw(prompt, answer, Pick.bucket("review " + word + thing));
  }

  /**
   * A question about a fact with {@code choices} options. Years are left out: four of them make a
   * prompt that is twice as long as any other.
   */
  Choice choice(SplittableRandom random, int choices) {
    World.Fact fact = Pick.one(random, world.facts());
    while (fact.isYear()) {
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
