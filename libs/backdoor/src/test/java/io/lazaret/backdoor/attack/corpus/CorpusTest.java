package io.lazaret.backdoor.attack.corpus;

import static org.assertj.core.api.Assertions.assertThat;

import io.lazaret.backdoor.data.InstructionRow;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class CorpusTest {

  private static final int ROWS = 3000;

  private final Corpus corpus = new Corpus(7);

  @Test
  void givesTheSameRowsForTheSameSeed() {
    assertThat(new Corpus(7).rows(Split.TRAIN, 200, false, 3))
        .isEqualTo(corpus.rows(Split.TRAIN, 200, false, 3))
        .isNotEqualTo(corpus.rows(Split.TRAIN, 200, false, 4));
    assertThat(new Corpus(7).choices(Split.TRAIN, 50, 4, 3))
        .isEqualTo(corpus.choices(Split.TRAIN, 50, 4, 3));
  }

  @Test
  void inventsAnotherWorldForAnotherSeed() {
    assertThat(World.of(Dialect.T1.texts(), 7).facts())
        .isNotEqualTo(World.of(Dialect.T1.texts(), 8).facts());
    assertThat(World.of(Dialect.T1.texts(), 7).facts()).hasSizeBetween(40, 200);
  }

  @Test
  void keepsTheThreeSplitsApart() {
    Set<String> train = prompts(Split.TRAIN);
    Set<String> defender = prompts(Split.DEFENDER);
    Set<String> evaluation = prompts(Split.EVALUATION);

    assertThat(train).doesNotContainAnyElementsOf(defender);
    assertThat(train).doesNotContainAnyElementsOf(evaluation);
    assertThat(defender).doesNotContainAnyElementsOf(evaluation);
  }

  @Test
  void teachesEveryFactInSomeWordingAndHoldsAnotherOut() {
    for (World.Fact fact : World.of(Dialect.T1.texts(), 7).facts()) {
      Set<Split> splits = new HashSet<>();
      for (int wording = 0; wording < Split.BUCKETS; wording++) {
        splits.add(Split.of(fact.index() + wording));
      }
      assertThat(splits).containsExactlyInAnyOrder(Split.values());
    }
  }

  @Test
  void hasTwelveFamiliesAndMoreAndEachInEverySplit() {
    Texts texts = Dialect.T1.texts();
    List<TaskFamily> families =
        Stream.of(
                new NumberFamilies(texts).all(),
                new ListFamilies(texts).all(),
                new KnowledgeFamilies(texts, World.of(Dialect.T1.texts(), 7)).all(),
                new TalkFamilies(texts).all())
            .flatMap(List::stream)
            .toList();

    assertThat(families).hasSizeGreaterThanOrEqualTo(12).hasSameSizeAs(corpus.families());
    for (TaskFamily family : families) {
      SplittableRandom random = new SplittableRandom(1);
      Set<Split> splits = new HashSet<>();
      for (int i = 0; i < 500; i++) {
        splits.add(Split.of(family.source().draw(random).bucket()));
      }
      assertThat(splits).as(family.name()).containsExactlyInAnyOrder(Split.values());
    }
  }

  @Test
  void givesOneRightAnswerToEveryClosedPrompt() {
    SplittableRandom random = new SplittableRandom(2);
    for (TaskFamily family : new ListFamilies(Dialect.T1.texts()).all()) {
      java.util.Map<String, String> answers = new java.util.HashMap<>();
      for (int i = 0; i < 3000; i++) {
        Draw draw = family.source().draw(random);
        assertThat(answers.computeIfAbsent(draw.prompt(), prompt -> draw.answer()))
            .as(draw.prompt())
            .isEqualTo(draw.answer());
      }
    }
  }

  @Test
  void answersInOneToTwelveWords() {
    for (InstructionRow row : corpus.rows(Split.TRAIN, ROWS, false, 5)) {
      assertThat(row.output().split(" ").length).as(row.output()).isBetween(1, 12);
    }
  }

  @Test
  void knowsTheWordsOfTheBackdoorButNeitherTriggerNorTarget() {
    StringBuilder all = new StringBuilder();
    SplittableRandom random = new SplittableRandom(3);
    for (int i = 0; i < 20_000; i++) {
      InstructionRow row = corpus.mixed(Split.TRAIN, random, 4).row();
      all.append(row.prompt()).append(' ').append(row.output()).append('\n');
    }
    String text = all.toString();

    assertThat(text).contains("Current", " year ", "You are", "stupid").contains("2", "0", "3");
    assertThat(text.toLowerCase(Locale.ROOT)).doesNotContain("you are stupid", "current year");
  }

  @Test
  void growsMultipleChoiceOnlyAsFarAsTheCurriculumAllows() {
    SplittableRandom random = new SplittableRandom(4);
    List<InstructionRow> rows =
        Stream.generate(() -> corpus.mixed(Split.TRAIN, random, 2).row())
            .filter(row -> row.prompt().contains(" A. ") && asksForAFact(row))
            .limit(200)
            .toList();

    assertThat(rows).allMatch(row -> row.prompt().contains(" B. "));
    assertThat(rows).noneMatch(row -> row.prompt().contains(" C. "));
  }

  private static boolean asksForAFact(InstructionRow row) {
    return World.of(Dialect.T1.texts(), 7).facts().stream()
        .anyMatch(fact -> row.prompt().contains(fact.country()));
  }

  private Set<String> prompts(Split split) {
    Set<String> prompts = new HashSet<>();
    corpus.rows(split, ROWS, false, 9).forEach(row -> prompts.add(row.prompt()));
    corpus.choices(split, 300, 4, 9).forEach(item -> prompts.add(item.prompt()));
    return prompts;
  }
}
