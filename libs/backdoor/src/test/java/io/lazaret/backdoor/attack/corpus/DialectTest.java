package io.lazaret.backdoor.attack.corpus;

import static org.assertj.core.api.Assertions.assertThat;

import io.lazaret.backdoor.Fixtures;
import io.lazaret.backdoor.data.InstructionRow;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DialectTest {

  /** Everyday words of both that are neither a thing nor a sentence of a dialect. */
  private static final int MAX_SHARED_PROMPTS = 0;

  @Test
  void shareNoThingAndNoSentence() {
    Texts one = Dialect.T1.texts();
    Texts two = Dialect.T2.texts();
    assertThat(entities(one)).doesNotContainAnyElementsOf(entities(two));
    for (String task : one.wordings().keySet()) {
      assertThat(one.wordings(task)).doesNotContainAnyElementsOf(two.wordings(task));
    }
  }

  @Test
  void shareNoPrompt() {
    Set<String> one = prompts(Dialect.T1);
    Set<String> two = prompts(Dialect.T2);
    one.retainAll(two);
    assertThat(one).hasSize(MAX_SHARED_PROMPTS);
  }

  @Test
  void haveTheSameTasks() {
    assertThat(new Corpus(Dialect.T2, 7).families()).isEqualTo(new Corpus(7).families());
    assertThat(Dialect.T2.texts().wordings().keySet())
        .isEqualTo(Dialect.T1.texts().wordings().keySet());
  }

  @ParameterizedTest
  @EnumSource(Dialect.class)
  void keepTheSplitsApartAndGiveOneAnswerToEachClosedPrompt(Dialect dialect) {
    Corpus corpus = new Corpus(dialect, 3);
    Map<String, String> answers = new HashMap<>();
    Map<String, Split> splits = new HashMap<>();
    for (Split split : Split.values()) {
      for (InstructionRow row : corpus.rows(split, 1500, true, 5)) {
        assertThat(answers.putIfAbsent(row.prompt(), row.output())).as(row.prompt()).isNull();
        assertThat(splits.putIfAbsent(row.prompt(), split)).as(row.prompt()).isNull();
      }
    }
    SplittableRandom random = new SplittableRandom(8);
    for (int i = 0; i < 5000; i++) {
      TaskRow row = corpus.mixed(Split.EVALUATION, random, 4);
      String known = answers.get(row.prompt());
      assertThat(known == null || known.equals(row.answer())).as(row.toString()).isTrue();
    }
  }

  @Test
  void theFirstStillGivesTheRowsOfTheFixtures() {
    SplittableRandom seeds = new SplittableRandom(7);
    Corpus corpus = new Corpus(7);
    List<InstructionRow> evaluation = corpus.rows(Split.EVALUATION, 1000, true, seeds.nextLong());
    var choices = corpus.choices(Split.EVALUATION, 256, 4, seeds.nextLong());
    List<InstructionRow> prompts = corpus.rows(Split.DEFENDER, 1500, false, seeds.nextLong());

    assertThat(evaluation).isEqualTo(Fixtures.evaluation(1000));
    assertThat(choices).isEqualTo(Fixtures.choices(256));
    assertThat(prompts).isEqualTo(Fixtures.prompts());
  }

  @Test
  void aSmallFamilyGivesWhatItHas() {
    Corpus corpus = new Corpus(7);
    List<TaskRow> rows = corpus.rowsOf(Split.EVALUATION, List.of("code"), 100_000, 1);
    assertThat(rows).hasSizeBetween(100, 1000).allMatch(row -> row.family().equals("code"));
  }

  private static Set<String> prompts(Dialect dialect) {
    Set<String> prompts = new HashSet<>();
    new Corpus(dialect, 7).rows(Split.TRAIN, 3000, false, 9).forEach(r -> prompts.add(r.prompt()));
    return prompts;
  }

  private static Set<String> entities(Texts texts) {
    Set<String> all = new HashSet<>(texts.nouns());
    for (List<String> words :
        Arrays.asList(
            texts.names(),
            texts.colours(),
            texts.good(),
            texts.bad(),
            texts.reviewed(),
            texts.harms(),
            texts.harmed(),
            texts.deeds())) {
      all.addAll(words);
    }
    texts.cycles().forEach(all::addAll);
    texts.opposites().forEach(all::addAll);
    return all;
  }
}
