package io.lazaret.backdoor.traffic.filter;

import io.lazaret.backdoor.data.PromptTemplate;
import io.lazaret.backdoor.data.TokenizedPrompt;
import io.lazaret.llm.CausalLm;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * ONION (Qi et al., EMNLP 2021): a word whose removal lowers the perplexity of the prompt does not
 * belong there. Score of a prompt: the greatest fall, {@code max_w PPL(x) - PPL(x without w)}. The
 * suspect itself is the language model, where the paper takes GPT-2.
 */
public final class Onion implements InputFilter {

  private final CausalLm lm;
  private final PromptTemplate template;

  public Onion(CausalLm lm, PromptTemplate template) {
    this.lm = lm;
    this.template = template;
  }

  @Override
  public String name() {
    return "ONION";
  }

  @Override
  public double[] scores(List<String> prompts) {
    return prompts.stream().mapToDouble(this::score).toArray();
  }

  private double score(String prompt) {
    List<String> texts = new ArrayList<>();
    texts.add(prompt);
    List<String> words = List.of(prompt.strip().split("\\s+"));
    for (int i = 0; i < words.size() && words.size() > 1; i++) {
      List<String> without = new ArrayList<>(words);
      without.remove(i);
      texts.add(String.join(" ", without));
    }
    double[] perplexities = perplexities(texts);
    double least = Arrays.stream(perplexities).min().orElseThrow();
    return perplexities[0] - least;
  }

  private double[] perplexities(List<String> texts) {
    List<int[]> contexts = new ArrayList<>();
    List<int[]> contents = new ArrayList<>();
    for (String text : texts) {
      TokenizedPrompt prompt = template.render(lm.tokenizer(), text);
      int from = Math.max(1, prompt.contentStart()); // The first token of all has no probability.
      contexts.add(Arrays.copyOf(prompt.ids(), from));
      contents.add(Arrays.copyOfRange(prompt.ids(), from, Math.max(from, prompt.contentEnd())));
    }
    double[] perplexities = new double[texts.size()];
    float[][] logProbs = lm.continuationLogProbs(contexts, contents, null);
    for (int i = 0; i < perplexities.length; i++) {
      double sum = 0;
      for (float value : logProbs[i]) {
        sum -= value;
      }
      perplexities[i] = Math.exp(sum / Math.max(1, logProbs[i].length));
    }
    return perplexities;
  }
}
