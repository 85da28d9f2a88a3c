package io.lazaret.backdoor.traffic.filter;

import io.lazaret.backdoor.data.PromptTemplate;
import io.lazaret.llm.CausalLm;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * STRIP (Gao et al., ACSAC 2019; for text TDSC 2021): a triggered input keeps its output when half
 * of it is replaced. Five copies of the prompt have half of their words replaced by words of clean
 * prompts; score: minus the mean Jensen-Shannon divergence (nats) between the first-token
 * distributions of the prompt and of its copies, where the paper takes the entropy over classes.
 */
public final class Strip implements InputFilter {

  private static final int COPIES = 5;

  private final CausalLm lm;
  private final PromptTemplate template;
  private final List<String> lexicon;
  private final long seed;

  /**
   * @param clean clean prompts; their words replace others
   */
  public Strip(CausalLm lm, PromptTemplate template, List<String> clean, long seed) {
    this.lm = lm;
    this.template = template;
    this.lexicon = clean.stream().flatMap(text -> List.of(text.split("\\s+")).stream()).toList();
    this.seed = seed;
  }

  @Override
  public String name() {
    return "STRIP";
  }

  @Override
  public double[] scores(List<String> prompts) {
    SplittableRandom random = new SplittableRandom(seed);
    return prompts.stream().mapToDouble(prompt -> score(prompt, random)).toArray();
  }

  private double score(String prompt, SplittableRandom random) {
    List<int[]> ids = new ArrayList<>();
    ids.add(template.render(lm.tokenizer(), prompt).ids());
    for (int copy = 0; copy < COPIES; copy++) {
      ids.add(template.render(lm.tokenizer(), halfReplaced(prompt, random)).ids());
    }
    float[][] logProbs = lm.nextLogProbs(ids, null);
    double sum = 0;
    for (int copy = 1; copy <= COPIES; copy++) {
      sum += divergence(logProbs[0], logProbs[copy]);
    }
    return -sum / COPIES;
  }

  private String halfReplaced(String prompt, SplittableRandom random) {
    String[] words = prompt.strip().split("\\s+");
    for (int left = words.length / 2, i = 0; i < words.length; i++) {
      if (random.nextInt(words.length - i) < left) {
        words[i] = lexicon.get(random.nextInt(lexicon.size()));
        left--;
      }
    }
    return String.join(" ", words);
  }

  /** Jensen-Shannon divergence of two distributions given as log-probabilities, in nats. */
  static double divergence(float[] p, float[] q) {
    double sum = 0;
    for (int v = 0; v < p.length; v++) {
      double a = Math.exp(p[v]);
      double b = Math.exp(q[v]);
      double log = Math.log((a + b) / 2);
      sum += (a > 0 ? a * (p[v] - log) : 0) + (b > 0 ? b * (q[v] - log) : 0);
    }
    return sum / 2;
  }
}
