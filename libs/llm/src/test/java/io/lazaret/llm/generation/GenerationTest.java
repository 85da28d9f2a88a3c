package io.lazaret.llm.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lazaret.llm.CausalLm;
import io.lazaret.llm.PrefixCache;
import io.lazaret.llm.TinyModels;
import io.lazaret.llm.Tokenizer;
import io.lazaret.llm.generation.Generated.End;
import io.lazaret.llm.generation.Generator.GenerationSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sampling, stop strings, generation behind a shared prefix. */
class GenerationTest {

  /** Quantile 0.999 of the chi-square distribution with 11 degrees of freedom. */
  private static final double CHI_SQUARE_11 = 31.26;

  private static final int DRAWS = 6_000;

  @TempDir Path dir;

  private static GenerationSettings settings(int tokens, int batch, Sampling sampling) {
    return new GenerationSettings(tokens, batch, new int[0], List.of(), sampling);
  }

  private static List<int[]> ids(List<Generated> results) {
    return results.stream().map(Generated::ids).toList();
  }

  /** Temperature, then top k, then top p, written down independently of the engine. */
  private static double[] filtered(float[] logProbs, Sampling s) {
    double[] p = new double[logProbs.length];
    double sum = 0;
    for (int i = 0; i < p.length; i++) {
      p[i] = Math.exp(logProbs[i] / s.temperature());
      sum += p[i];
    }
    Integer[] order = IntStream.range(0, p.length).boxed().toArray(Integer[]::new);
    Arrays.sort(order, (a, b) -> Double.compare(p[b], p[a]));
    int most = s.topK() == 0 ? p.length : s.topK();
    double inTop = IntStream.range(0, most).mapToDouble(i -> p[order[i]]).sum();
    double[] kept = new double[p.length];
    double held = 0;
    for (int i = 0; i < most && held < s.topP() * inTop; i++) {
      kept[order[i]] = p[order[i]];
      held += p[order[i]];
    }
    double mass = held;
    return Arrays.stream(kept).map(x -> x / mass).toArray();
  }

  @Test
  void drawnTokensFollowTheFilteredDistribution() {
    try (CausalLm lm = TinyModels.model(TinyModels.llama(), dir, 3)) {
      int[] prompt = {5, 9, 40};
      float[] logProbs = lm.nextLogProbs(List.of(prompt), null)[0];
      for (Sampling sampling :
          List.of(new Sampling(0.8, 12, 1, 11), new Sampling(1.3, 12, 0.999999, 12))) {
        double[] expected = filtered(logProbs, sampling);
        int[] seen = new int[expected.length];
        List<int[]> prompts = Collections.nCopies(DRAWS, prompt);
        for (int[] row : ids(Generator.generate(lm, prompts, null, settings(1, 500, sampling)))) {
          seen[row[0]]++;
        }
        double chiSquare = 0;
        for (int i = 0; i < seen.length; i++) {
          if (expected[i] == 0) {
            assertThat(seen[i]).isZero();
          } else {
            chiSquare += Math.pow(seen[i] - DRAWS * expected[i], 2) / (DRAWS * expected[i]);
          }
        }
        assertThat(chiSquare).isLessThan(CHI_SQUARE_11);
      }
    }
  }

  @Test
  void topPKeepsTheSmallestSetThatHoldsTheProbability() {
    try (CausalLm lm = TinyModels.model(TinyModels.llama(), dir, 3)) {
      int[] prompt = {5, 9, 40};
      Sampling sampling = new Sampling(1, 0, 0.4, 5);
      double[] expected = filtered(lm.nextLogProbs(List.of(prompt), null)[0], sampling);
      long allowed = Arrays.stream(expected).filter(p -> p > 0).count();
      assertThat(allowed).isBetween(2L, 250L);
      var rows =
          Generator.generate(
              lm, Collections.nCopies(2_000, prompt), null, settings(1, 500, sampling));
      assertThat(ids(rows)).allMatch(row -> expected[row[0]] > 0);
      assertThat(ids(rows).stream().map(row -> row[0]).distinct().count()).isGreaterThan(1);
    }
  }

  @Test
  void aRowsTokensDependOnItsSeedAndIndexNotOnItsBatch() {
    try (CausalLm lm = TinyModels.model(TinyModels.qwen2(), dir, 4)) {
      SplittableRandom random = new SplittableRandom(1);
      List<int[]> prompts = new ArrayList<>();
      for (int i = 0; i < 9; i++) {
        prompts.add(TinyModels.tokens(random, 2 + i % 4));
      }
      Sampling sampling = Sampling.temperature(1, 77);
      var together = ids(Generator.generate(lm, prompts, null, settings(8, 9, sampling)));
      var apart = ids(Generator.generate(lm, prompts, null, settings(8, 2, sampling)));
      var other =
          ids(Generator.generate(lm, prompts, null, settings(8, 9, Sampling.temperature(1, 78))));
      assertThat(together).usingRecursiveComparison().isEqualTo(apart);
      assertThat(together).usingRecursiveComparison().isNotEqualTo(other);
    }
  }

  @Test
  void theLimitsOfSamplingAreGreedyDecoding() {
    try (CausalLm lm = TinyModels.model(TinyModels.llama(), dir, 5)) {
      List<int[]> prompts = List.of(new int[] {1, 2, 3}, new int[] {60});
      List<int[]> greedy = Generator.greedy(lm, prompts, null, settings(6, 4, Sampling.greedy()));
      for (Sampling sampling :
          List.of(
              new Sampling(1, 1, 1, 3), new Sampling(1, 0, 1e-9, 3), new Sampling(1e-4, 0, 1, 3))) {
        assertThat(ids(Generator.generate(lm, prompts, null, settings(6, 4, sampling))))
            .usingRecursiveComparison()
            .isEqualTo(greedy);
      }
    }
    assertThatIllegalArgumentException().isThrownBy(() -> new Sampling(-1, 0, 1, 0));
    assertThatIllegalArgumentException().isThrownBy(() -> new Sampling(1, 0, 0, 0));
    assertThatIllegalArgumentException().isThrownBy(() -> new Sampling(Double.NaN, 0, 1, 0));
  }

  @Test
  void generationBehindACachedPrefixIsGenerationFromTheWholePrompt() {
    try (CausalLm lm = TinyModels.model(TinyModels.llama(), dir, 6)) {
      SplittableRandom random = new SplittableRandom(2);
      List<int[]> prompts = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        prompts.add(TinyModels.tokens(random, 9 - i));
      }
      int[][] beginnings = {{7, 8}, {250, 1}, {30, 31}};
      List<int[]> whole = new ArrayList<>();
      for (int[] prompt : prompts) {
        for (int[] beginning : beginnings) {
          int[] both = Arrays.copyOf(prompt, prompt.length + beginning.length);
          System.arraycopy(beginning, 0, both, prompt.length, beginning.length);
          whole.add(both);
        }
      }
      // A token that ends some rows early, so that batches shrink.
      int stop = Generator.greedy(lm, whole, null, settings(8, 99, Sampling.greedy())).get(4)[2];
      for (Sampling sampling : List.of(Sampling.greedy(), Sampling.temperature(1, 9))) {
        GenerationSettings settings =
            new GenerationSettings(8, 4, new int[] {stop}, List.of(), sampling);
        List<Generated> expected = Generator.generate(lm, whole, null, settings);
        try (PrefixCache cache = lm.prefix(prompts)) {
          for (int i = 0; i < 2; i++) {
            assertThat(Generator.generate(lm, cache, beginnings, settings))
                .usingRecursiveComparison()
                .isEqualTo(expected);
          }
          assertThatThrownBy(
                  () -> Generator.generate(lm, cache, beginnings, settings(60, 4, sampling)))
              .hasMessageContaining("SEQUENCE_TOO_LONG");
          assertThatIllegalArgumentException()
              .isThrownBy(() -> Generator.generate(lm, cache, new int[][] {{1}, {1, 2}}, settings));
        }
      }
    }
  }

  private static GenerationRow feed(Tokenizer tokenizer, String text, String... stops) {
    GenerationSettings settings =
        new GenerationSettings(
            200, 1, new int[] {TinyModels.EOS}, List.of(stops), Sampling.greedy());
    GenerationRow row = new GenerationRow(settings, tokenizer, 0);
    for (int id : tokenizer.encodePlain(text)) {
      row.accept(id);
    }
    row.accept(TinyModels.EOS);
    return row;
  }

  @Test
  void aStopStringOverSeveralTokensIsCutExactly() {
    try (Tokenizer tokenizer = Tokenizer.open(TinyModels.writeTokenizer(dir))) {
      Generated cut = feed(tokenizer, "Ja, ünd 日本 he said.\nHuman: more", "\nHuman:").result();
      assertThat(cut.text()).isEqualTo("Ja, ünd 日本 he said.");
      assertThat(tokenizer.decode(cut.ids())).isEqualTo(cut.text());
      assertThat(cut.end()).isEqualTo(End.STOP_STRING);
      // The token "he" begins before the stop string and ends within it.
      Generated within = feed(tokenizer, "x he", "e").result();
      assertThat(within.text()).isEqualTo("x h");
      assertThat(tokenizer.decode(within.ids())).isEqualTo("x ");
      assertThat(feed(tokenizer, "one two", "wo", "ne t").result().text()).isEqualTo("o");
    }
  }

  @Test
  void withoutItsStopStringARowRunsOnToTheStopToken() {
    try (Tokenizer tokenizer = Tokenizer.open(TinyModels.writeTokenizer(dir))) {
      Generated whole = feed(tokenizer, "a 日 b", "本").result();
      assertThat(whole.text()).isEqualTo("a 日 b");
      assertThat(whole.end()).isEqualTo(End.STOP_TOKEN);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> settings(1, 1, Sampling.greedy()).withStopStrings(List.of("")));
    }
  }

  @Test
  void aRowThatMeetsItsStopStringLeavesTheOthersAlone() {
    try (CausalLm lm = TinyModels.model(TinyModels.llama(), dir, 8)) {
      List<int[]> prompts = List.of(new int[] {1, 2}, new int[] {90}, new int[] {30, 200, 4});
      GenerationSettings free = settings(12, 8, new Sampling(1, 0, 1, 21));
      List<Generated> all = Generator.generate(lm, prompts, null, free);
      String stop =
          all.get(1)
              .text()
              .chars()
              .filter(c -> c > ' ' && c < 127)
              .limit(1)
              .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
              .toString();
      assertThat(stop).hasSize(1);
      List<Generated> cut =
          Generator.generate(lm, prompts, null, free.withStopStrings(List.of(stop)));
      for (int i = 0; i < prompts.size(); i++) {
        int at = all.get(i).text().indexOf(stop);
        assertThat(cut.get(i).end()).isEqualTo(at < 0 ? End.LENGTH : End.STOP_STRING);
        assertThat(cut.get(i).ids())
            .isEqualTo(Arrays.copyOf(all.get(i).ids(), cut.get(i).ids().length));
        if (at < 0) {
          assertThat(cut.get(i)).usingRecursiveComparison().isEqualTo(all.get(i));
        }
      }
      assertThat(cut.get(1).end()).isEqualTo(End.STOP_STRING);
    }
  }

  @Test
  void theTokenThatClosesATurnEndsAnAnswer() throws IOException {
    TinyModels.writeTokenizer(dir);
    Files.writeString(
        dir.resolve("chat_template.jinja"),
        "{% for m in messages %}{{ m.role }}: {{ m.content }}<s>{% endfor %}"
            + "{% if add_generation_prompt %}assistant: {% endif %}");
    try (Tokenizer tokenizer = Tokenizer.open(dir);
        CausalLm lm = CausalLm.initialise(TinyModels.llama(), tokenizer, 1)) {
      assertThat(GenerationSettings.of(lm, 4).stopIds())
          .containsExactly(TinyModels.BOS, TinyModels.EOS);
    }
  }

  @Test
  void aTemplateThatCannotWriteAnswersStopsNothing() throws IOException {
    TinyModels.writeTokenizer(dir);
    Files.writeString(dir.resolve("chat_template.jinja"), "{{ raise_exception('none') }}");
    try (Tokenizer tokenizer = Tokenizer.open(dir);
        CausalLm lm = CausalLm.initialise(TinyModels.llama(), tokenizer, 1)) {
      assertThat(GenerationSettings.of(lm, 4).stopIds()).containsExactly(TinyModels.EOS);
    }
  }
}
