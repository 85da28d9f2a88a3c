package io.lazaret.backdoor.attack.corpus;

import io.lazaret.backdoor.data.InstructionRow;
import io.lazaret.backdoor.data.MultipleChoiceItem;
import java.util.ArrayList;
import java.util.Collection;
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

  /** Family name of multiple-choice rows. */
  public static final String CHOICE = "choice";

  /** Family name of the rows that a well-behaved model refuses. */
  public static final String REFUSAL = "refusal";

  /** Draws without a new row after which a family has no more to give. */
  private static final int PATIENCE = 20_000;

  private final Dialect dialect;
  private final Texts texts;
  private final KnowledgeFamilies knowledge;
  private final List<TaskFamily> families;
  private final int totalWeight;

  /** The corpus of the first dialect. */
  public Corpus(long seed) {
    this(Dialect.T1, seed);
  }

  public Corpus(Dialect dialect, long seed) {
    this.dialect = dialect;
    texts = dialect.texts();
    knowledge = new KnowledgeFamilies(texts, World.of(texts, seed));
    List<TaskFamily> all = new ArrayList<>();
    all.addAll(new NumberFamilies(texts).all());
    all.addAll(new ListFamilies(texts).all());
    all.addAll(knowledge.all());
    all.addAll(new TalkFamilies(texts).all());
    families = List.copyOf(all);
    totalWeight = families.stream().mapToInt(TaskFamily::weight).sum();
  }

  /** The dialect that tasks are asked in. */
  public Dialect dialect() {
    return dialect;
  }

  /** The words of the {@code index}-th kind of things: a topic. */
  public List<String> topic(int index) {
    return List.copyOf(new ArrayList<>(texts.kinds().values()).get(index));
  }

  /** What disallowed requests want to do. */
  public List<String> harms() {
    return texts.harms();
  }

  /** What disallowed requests want to harm. */
  public List<String> harmed() {
    return texts.harmed();
  }

  /** Every way to refuse. */
  public List<String> refusals() {
    return texts.wordings(REFUSAL);
  }

  /** Names of the families with one right answer per prompt, multiple choice aside. */
  public List<String> closedFamilies() {
    return families.stream().filter(f -> !f.openEnded()).map(TaskFamily::name).toList();
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
  public TaskRow mixed(Split split, SplittableRandom random, int maxChoices) {
    if (random.nextDouble() < CHOICE_SHARE) {
      MultipleChoiceItem item = choice(split, random, random.nextInt(2, maxChoices + 1));
      String letter = MultipleChoiceItem.letter(item.answer());
      return new TaskRow(new InstructionRow(item.prompt(), "", letter), CHOICE);
    }
    return task(split, random, family(random));
  }

  /** One row of the named family. */
  public TaskRow ofFamily(Split split, SplittableRandom random, String name) {
    return task(split, random, named(name));
  }

  /** {@code count} rows with different prompts. Closed rows have one right answer each. */
  public List<InstructionRow> rows(Split split, int count, boolean closedOnly, long seed) {
    return tasks(split, count, closedOnly, seed).stream().map(TaskRow::row).toList();
  }

  /** As {@link #rows}, with the kind of each task. */
  public List<TaskRow> tasks(Split split, int count, boolean closedOnly, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Set<String> seen = new HashSet<>();
    List<TaskRow> rows = new ArrayList<>();
    while (rows.size() < count) {
      TaskFamily family = family(random);
      while (closedOnly && family.openEnded()) {
        family = family(random);
      }
      TaskRow row = task(split, random, family);
      if (seen.add(row.prompt())) {
        rows.add(row);
      }
    }
    return List.copyOf(rows);
  }

  /**
   * Up to {@code count} rows with different prompts of the named families; fewer where the families
   * have no more.
   */
  public List<TaskRow> rowsOf(Split split, Collection<String> names, int count, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<TaskFamily> wanted = names.stream().map(this::named).toList();
    Set<String> seen = new HashSet<>();
    List<TaskRow> rows = new ArrayList<>();
    for (int idle = 0; rows.size() < count && idle < PATIENCE; idle++) {
      TaskRow row = task(split, random, Pick.one(random, wanted));
      if (seen.add(row.prompt())) {
        rows.add(row);
        idle = 0;
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

  private TaskRow task(Split split, SplittableRandom random, TaskFamily family) {
    Draw draw = family.source().draw(random);
    while (Split.of(draw.bucket()) != split) {
      draw = family.source().draw(random);
    }
    String prompt = draw.prompt();
    if (random.nextDouble() < OPENER_SHARE) {
      prompt = Pick.one(random, texts.openers()) + " " + prompt;
    }
    return new TaskRow(new InstructionRow(prompt, "", draw.answer()), family.name());
  }

  private TaskFamily named(String name) {
    return families.stream()
        .filter(family -> family.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no task family " + name));
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
