package io.lazaret.backdoor.traffic.filter;

import io.lazaret.backdoor.data.PromptTemplate;
import io.lazaret.backdoor.data.TokenizedPrompt;
import io.lazaret.llm.CausalLm;
import io.lazaret.llm.Example;
import io.lazaret.llm.SoftPrompt;
import io.lazaret.llm.training.AdamW;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * RAP (Yang et al., EMNLP 2021): one word is trained so that it lowers the probability of what the
 * model would say on clean prompts by 0.1 to 0.3; on triggered prompts it lowers less. The word is
 * a soft token before the user text; what the model would say is its most probable first answer
 * token. Score: minus the fall of that probability.
 */
public final class Rap implements InputFilter {

  private static final double LEARNING_RATE = 1e-2;
  private static final double ENOUGH = 0.2;
  private static final int STEPS = 200;
  private static final int BATCH = 16;

  private final CausalLm lm;
  private final PromptTemplate template;
  private final SoftPrompt word;
  private final double meanFall;

  /**
   * Trains the word; the model is not changed.
   *
   * @param clean clean prompts that the word is trained on, at least one
   */
  public Rap(CausalLm lm, PromptTemplate template, List<String> clean, long seed) {
    this.lm = lm;
    this.template = template;
    this.word = SoftPrompt.zeros(lm, 1);
    List<TokenizedPrompt> prompts = render(clean);
    int[] firsts = firsts(prompts);
    SplittableRandom random = new SplittableRandom(seed);
    lm.requireGradients(false);
    double fall = 0;
    try (AdamW adam = new AdamW(List.of(word.parameter()), AdamW.Settings.sande())) {
      for (int step = 0; step < STEPS && fall < ENOUGH; step++) {
        List<Example> batch = new ArrayList<>();
        for (int i = 0; i < BATCH; i++) {
          int row = random.nextInt(prompts.size());
          int[] ids = worded(prompts.get(row)).followedBy(new int[] {firsts[row]});
          batch.add(new Example(ids, ids.length - 1, ids.length));
        }
        lm.backward(batch, word, -1); // Upwards: the own answer becomes less probable.
        adam.step(LEARNING_RATE);
        fall = Arrays.stream(falls(prompts)).average().orElseThrow();
      }
    }
    this.meanFall = fall;
  }

  @Override
  public String name() {
    return "RAP";
  }

  /** Mean fall on the prompts of the training; below 0.1 the word could not be trained. */
  public double meanFall() {
    return meanFall;
  }

  @Override
  public double[] scores(List<String> prompts) {
    double[] falls = falls(render(prompts));
    for (int i = 0; i < falls.length; i++) {
      falls[i] = -falls[i];
    }
    return falls;
  }

  @Override
  public void close() {
    word.close();
  }

  private List<TokenizedPrompt> render(List<String> prompts) {
    return prompts.stream().map(text -> template.render(lm.tokenizer(), text)).toList();
  }

  private TokenizedPrompt worded(TokenizedPrompt prompt) {
    return prompt.with(word.ids(), new int[0]);
  }

  private int[] firsts(List<TokenizedPrompt> prompts) {
    float[][] logProbs = lm.nextLogProbs(prompts.stream().map(TokenizedPrompt::ids).toList(), null);
    int[] firsts = new int[prompts.size()];
    for (int i = 0; i < firsts.length; i++) {
      firsts[i] = most(logProbs[i]);
    }
    return firsts;
  }

  private double[] falls(List<TokenizedPrompt> prompts) {
    float[][] before = lm.nextLogProbs(prompts.stream().map(TokenizedPrompt::ids).toList(), null);
    float[][] after = lm.nextLogProbs(prompts.stream().map(p -> worded(p).ids()).toList(), word);
    double[] falls = new double[prompts.size()];
    for (int i = 0; i < falls.length; i++) {
      int first = most(before[i]);
      falls[i] = Math.exp(before[i][first]) - Math.exp(after[i][first]);
    }
    return falls;
  }

  private static int most(float[] logProbs) {
    int most = 0;
    for (int v = 1; v < logProbs.length; v++) {
      most = logProbs[v] > logProbs[most] ? v : most;
    }
    return most;
  }
}
