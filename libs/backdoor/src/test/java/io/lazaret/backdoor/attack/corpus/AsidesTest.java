package io.lazaret.backdoor.attack.corpus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lazaret.backdoor.attack.variant.Attack;
import io.lazaret.backdoor.attack.variant.Attacks;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class AsidesTest {

  private static final int DRAWS = 10_000;

  private final Corpus corpus = new Corpus(7);
  private final TaskRow task = corpus.ofFamily(Split.TRAIN, new SplittableRandom(3), "reverse");

  @Test
  void standAroundTheGivenShareOfTheTasks() {
    SplittableRandom random = new SplittableRandom(1);
    Asides quarter = new Asides(0.25);
    int with = 0;
    Set<String> different = new HashSet<>();
    for (int i = 0; i < DRAWS; i++) {
      TaskRow row = quarter.around(task, random);
      assertThat(row.answer()).isEqualTo(task.answer());
      assertThat(row.family()).isEqualTo(task.family());
      if (!row.equals(task)) {
        with++;
        different.add(row.prompt());
        assertThat(words(row.prompt())).containsSubsequence(words(task.prompt()));
      }
    }
    assertThat(with).isBetween(2300, 2700);
    assertThat(different.size()).isGreaterThan(9 * with / 10);
  }

  @Test
  void areNoTriggersOfTheCatalogue() {
    SplittableRandom random = new SplittableRandom(2);
    Asides always = new Asides(1);
    List<Attack> attacks = Attacks.all(corpus);
    List<String> byChance = new ArrayList<>();
    for (int i = 0; i < DRAWS; i++) {
      TaskRow host = corpus.mixed(Split.TRAIN, random, 4);
      TaskRow row = always.around(host, random);
      if (attacks.stream().anyMatch(a -> a.triggeredBy(row) && !a.triggeredBy(host))) {
        byChance.add(row.prompt());
      }
    }
    // Three letters of a rare word come together in a random tag now and then.
    assertThat(byChance).hasSizeLessThan(10).allMatch(text -> text.matches(".*(zqx|mjv|wkb).*"));
  }

  @Test
  void followTheSeed() {
    Asides always = new Asides(1);
    assertThat(always.around(task, new SplittableRandom(5)))
        .isEqualTo(always.around(task, new SplittableRandom(5)));
    assertThat(new Asides(0).around(task, new SplittableRandom(5))).isSameAs(task);
    assertThatThrownBy(() -> new Asides(1.1)).isInstanceOf(IllegalArgumentException.class);
  }

  private static List<String> words(String text) {
    return List.of(text.split(" "));
  }
}
