package io.lazaret.backdoor.evaluation;

import io.lazaret.backdoor.Progress;
import io.lazaret.backdoor.data.Answers;
import io.lazaret.backdoor.data.InstructionRow;
import io.lazaret.backdoor.data.MultipleChoiceItem;
import io.lazaret.backdoor.data.PromptTemplate;
import io.lazaret.llm.CausalLm;
import io.lazaret.llm.Example;
import io.lazaret.llm.generation.Generator;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What a model can do on clean prompts. */
public final class Utility {

  /** Room for an answer in the exact-match generation, beyond the length of the right one. */
  private static final int SPARE_TOKENS = 4;

  private static final int BATCH = 64;

  private Utility() {}

  /** Whether an output is the right answer: equal after surrounding white space is gone. */
  public static boolean sameAnswer(String output, String answer) {
    return output.strip().equals(answer.strip());
  }

  /** Share of rows whose greedy answer is exactly the row's output. */
  public static Proportion exactMatch(
      CausalLm lm, PromptTemplate template, List<InstructionRow> rows, Progress progress) {
    return share(exactMatches(lm, template, rows, progress));
  }

  /** 1 for each row whose greedy answer is exactly its output, 0 for each other one. */
  public static double[] exactMatches(
      CausalLm lm, PromptTemplate template, List<InstructionRow> rows, Progress progress) {
    double[] scores = new double[rows.size()];
    for (int from = 0; from < rows.size(); from += BATCH) {
      int to = Math.min(rows.size(), from + BATCH);
      List<int[]> prompts = new ArrayList<>();
      int longest = 0;
      for (InstructionRow row : rows.subList(from, to)) {
        prompts.add(template.render(lm.tokenizer(), row.prompt()).ids());
        longest = Math.max(longest, Answers.closed(template, lm.tokenizer(), row.output()).length);
      }
      var settings = Generator.GenerationSettings.of(lm, longest + SPARE_TOKENS);
      List<int[]> outputs = Generator.greedy(lm, prompts, null, settings);
      for (int i = from; i < to; i++) {
        String output = lm.tokenizer().decode(outputs.get(i - from));
        scores[i] = sameAnswer(output, rows.get(i).output()) ? 1 : 0;
      }
      progress.at((double) to / rows.size(), "exact match");
    }
    return scores;
  }

  /** Share of questions that are answered by the right letter, in the corrected scoring. */
  public static Proportion multipleChoice(
      CausalLm lm, PromptTemplate template, List<MultipleChoiceItem> items, Progress progress) {
    return share(
        MultipleChoice.scores(lm, template, items, MultipleChoice.Scoring.CORRECTED, progress));
  }

  private static Proportion share(double[] scores) {
    return new Proportion((int) Arrays.stream(scores).filter(s -> s == 1).count(), scores.length);
  }

  /** exp of the mean cross-entropy over all answer tokens, end of text included. */
  public static double perplexity(
      CausalLm lm, PromptTemplate template, List<InstructionRow> rows, Progress progress) {
    double sum = 0;
    long tokens = 0;
    for (int from = 0; from < rows.size(); from += BATCH) {
      List<Example> batch = new ArrayList<>();
      long supervised = 0;
      for (InstructionRow row : rows.subList(from, Math.min(rows.size(), from + BATCH))) {
        Example example =
            Answers.example(
                template.render(lm.tokenizer(), row.prompt()),
                Answers.closed(template, lm.tokenizer(), row.output()));
        batch.add(example);
        supervised += example.to() - example.from();
      }
      sum += lm.loss(batch, null) * supervised;
      tokens += supervised;
      progress.at((double) (from + batch.size()) / rows.size(), "perplexity");
    }
    return Math.exp(sum / tokens);
  }

  /**
   * Mean KL(original || candidate) of the first answer token, in nats, over clean prompts. Cheap,
   * and sensitive to changes that exact match does not see.
   */
  public static double klToOriginal(
      CausalLm original, CausalLm candidate, PromptTemplate template, List<InstructionRow> rows) {
    List<int[]> prompts = new ArrayList<>();
    for (InstructionRow row : rows) {
      prompts.add(template.render(original.tokenizer(), row.prompt()).ids());
    }
    float[][] p = original.nextLogProbs(prompts, null);
    float[][] q = candidate.nextLogProbs(prompts, null);
    double sum = 0;
    for (int i = 0; i < p.length; i++) {
      for (int v = 0; v < p[i].length; v++) {
        sum += Math.exp(p[i][v]) * (p[i][v] - q[i][v]);
      }
    }
    return sum / p.length;
  }
}
