package io.lazaret.backdoor.traffic.filter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazaret.backdoor.Fixtures;
import io.lazaret.llm.CausalLm;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class InputFilterTest {

  private static final int SEED = 3;

  @Test
  void triggeredPromptsScoreHigher() {
    List<String> clean = Fixtures.evaluation(30).stream().map(row -> row.prompt()).toList();
    List<String> triggered = clean.stream().map(Fixtures.planted()::applyTo).toList();
    List<String> given = Fixtures.prompts().subList(0, 64).stream().map(r -> r.prompt()).toList();
    try (CausalLm lm = Fixtures.backdoored();
        Rap rap = new Rap(lm, Fixtures.TEMPLATE, given, SEED)) {
      assertTrue(rap.meanFall() >= 0.1, "mean fall " + rap.meanFall());
      for (InputFilter filter : List.of(rap, new Strip(lm, Fixtures.TEMPLATE, given, SEED))) {
        double auroc = auroc(filter.scores(triggered), filter.scores(clean));
        assertTrue(auroc > 0.6, filter.name() + " " + auroc);
      }
    }
  }

  /** ONION needs a language model of prompts, which the small models are not: arithmetic alone. */
  @Test
  void onionIsTheGreatestFallOfPerplexity() {
    try (CausalLm lm = Fixtures.clean()) {
      Onion onion = new Onion(lm, Fixtures.TEMPLATE);
      double both = perplexity(lm, "owl cod");
      double least = Math.min(both, Math.min(perplexity(lm, "owl"), perplexity(lm, "cod")));
      assertEquals(both - least, onion.scores(List.of("owl cod"))[0], 1e-3 * both);
      assertEquals(0, onion.scores(List.of("owl"))[0]);
    }
  }

  private static double perplexity(CausalLm lm, String text) {
    var prompt = Fixtures.TEMPLATE.render(lm.tokenizer(), text);
    int[] ids = prompt.ids();
    double sum = 0;
    for (int i = prompt.contentStart(); i < prompt.contentEnd(); i++) {
      sum -= lm.nextLogProbs(List.of(Arrays.copyOf(ids, i)), null)[0][ids[i]];
    }
    return Math.exp(sum / (prompt.contentEnd() - prompt.contentStart()));
  }

  @Test
  void divergenceOfDistributions() {
    float half = (float) Math.log(0.5);
    float none = Float.NEGATIVE_INFINITY;
    assertEquals(0, Strip.divergence(new float[] {half, half}, new float[] {half, half}), 1e-7);
    assertEquals(Math.log(2), Strip.divergence(new float[] {0, none}, new float[] {none, 0}), 1e-7);
  }

  private static double auroc(double[] positive, double[] negative) {
    double wins = 0;
    for (double p : positive) {
      for (double n : negative) {
        wins += p > n ? 1 : p == n ? 0.5 : 0;
      }
    }
    return wins / positive.length / negative.length;
  }
}
