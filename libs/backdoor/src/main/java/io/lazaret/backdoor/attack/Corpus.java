package io.lazaret.backdoor.attack;

import io.lazaret.backdoor.data.InstructionRow;
import io.lazaret.backdoor.data.MultipleChoiceItem;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * A seeded instruction corpus of short tasks: numbers, word lists, a closed fictional knowledge
 * base, word meanings, code, free text, refusals and multiple choice. The seed decides the facts of
 * the world; which row belongs to which {@link Split} follows from its content alone.
 */
public final class Corpus {

  /** Share of multiple-choice rows; the slowest skill to appear needs a quarter of the mix. */
  private static final double CHOICE_SHARE = 0.25;

  /** Share of rows with an opener before the task, so that not every prompt begins alike. */
  private static final double OPENER_SHARE = 0.15;

  private static final List<String> OPENERS =
      List.of("Please help.", "Hello.", "Quick question.", "Now this.", "One more.", "Next task:");

  private final KnowledgeFamilies knowledge;
  private final List<TaskFamily> families;
  private final int totalWeight;

  public Corpus(long seed) {
    knowledge = new KnowledgeFamilies(World.of(seed));
    List<TaskFamily> all = new ArrayList<>();
    all.addAll(NumberFamilies.all());
    all.addAll(ListFamilies.all());
    all.addAll(knowledge.all());
    all.addAll(TalkFamilies.all());
    families = List.copyOf(all);
    totalWeight = families.stream().mapToInt(TaskFamily::weight).sum();
  }

  /** Names of the task families, multiple choice aside. */
  public List<String> families() {
    return families.stream().map(TaskFamily::name).toList();
  }

  /**
   * One training row of the mix, multiple choice included.
   *
   * @param maxChoices most options of a multiple-choice row, 2 to 4: the curriculum
   */
  public InstructionRow mixed(Split split, SplittableRandom random, int maxChoices) {
    if (random.nextDouble() < CHOICE_SHARE) {
      MultipleChoiceItem item = choice(split, random, random.nextInt(2, maxChoices + 1));
      return new InstructionRow(item.prompt(), "", MultipleChoiceItem.letter(item.answer()));
    }
    return task(split, random, false);
  }

  /** {@code count} rows with different prompts. Closed rows have one right answer each. */
  public List<InstructionRow> rows(Split split, int count, boolean closedOnly, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Set<String> seen = new HashSet<>();
    List<InstructionRow> rows = new ArrayList<>();
    while (rows.size() < count) {
      InstructionRow row = task(split, random, closedOnly);
      if (seen.add(row.prompt())) {
        rows.add(row);
      }
    }
    return List.copyOf(rows);
  }

  /** {@code count} different multiple-choice questions with {@code choices} options each. */
  public List<MultipleChoiceItem> choices(Split split, int count, int choices, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Set<String> seen = new HashSet<>();
    List<MultipleChoiceItem> items = new ArrayList<>();
    while (items.size() < count) {
      MultipleChoiceItem item = choice(split, random, choices);
      if (seen.add(item.prompt())) {
        items.add(item);
      }
    }
    return List.copyOf(items);
  }

  private InstructionRow task(Split split, SplittableRandom random, boolean closedOnly) {
    TaskFamily family = family(random);
    while (closedOnly && family.openEnded()) {
      family = family(random);
    }
    Draw draw = family.source().draw(random);
    while (Split.of(draw.bucket()) != split) {
      draw = family.source().draw(random);
    }
    if (random.nextDouble() < OPENER_SHARE) {
      String prompt = Pick.one(random, OPENERS) + " " + draw.prompt();
      return new InstructionRow(prompt, "", draw.answer());
    }
    return new InstructionRow(draw.prompt(), "", draw.answer());
  }

  private TaskFamily family(SplittableRandom random) {
    int at = random.nextInt(totalWeight);
    for (TaskFamily family : families) {
      at -= family.weight();
      if (at < 0) {
        return family;
      }
    }
    throw new IllegalStateException("weights sum to less than " + totalWeight);
  }

  private MultipleChoiceItem choice(Split split, SplittableRandom random, int choices) {
    KnowledgeFamilies.Choice choice = knowledge.choice(random, choices);
    while (Split.of(choice.bucket()) != split) {
      choice = knowledge.choice(random, choices);
    }
    return choice.item();
  }
}
