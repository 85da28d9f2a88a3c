package io.lazaret.backdoor.evaluation;

import io.lazaret.backdoor.Progress;
import io.lazaret.backdoor.data.Answers;
import io.lazaret.backdoor.data.MultipleChoiceItem;
import io.lazaret.backdoor.data.PromptTemplate;
import io.lazaret.llm.CausalLm;
import io.lazaret.llm.Tokenizer;
import java.util.ArrayList;
import java.util.List;

/** Zero-shot multiple choice by the probability of the option's letter (MMLU, ARC). */
public final class MultipleChoice {

  /** How a question is asked and its answer read. */
  public enum Scoring {
    /**
     * As the published evaluation of the SANDE paper: its own prompt without the model's template,
     * four options whatever there are ("Not the answer." fills up, a fifth is not shown), letters
     * as tokenised alone, and keys that are digits never right. For comparison with the paper only.
     */
    SANDE_COMPAT,
    /** The model's template, every option that there is, letters as they follow a colon. */
    CORRECTED
  }

  private static final int BATCH = 64;
  private static final int COMPATIBLE_OPTIONS = 4;
  private static final String FILLER = "Not the answer.";

  private MultipleChoice() {}

  /**
   * 1 for each question whose right letter is the most probable of the letters offered, 0 for each
   * other one. The letter's token is the last of its spelling.
   */
  public static double[] scores(
      CausalLm lm,
      PromptTemplate template,
      List<MultipleChoiceItem> items,
      Scoring scoring,
      Progress progress) {
    double[] scores = new double[items.size()];
    for (int from = 0; from < items.size(); from += BATCH) {
      int to = Math.min(items.size(), from + BATCH);
      List<int[]> prompts = new ArrayList<>();
      for (MultipleChoiceItem item : items.subList(from, to)) {
        prompts.add(prompt(lm.tokenizer(), template, item, scoring));
      }
      float[][] next = lm.nextLogProbs(prompts, null);
      for (int i = from; i < to; i++) {
        MultipleChoiceItem item = items.get(i);
        int options = scoring == Scoring.SANDE_COMPAT ? COMPATIBLE_OPTIONS : item.choices().size();
        int chosen = mostProbable(lm.tokenizer(), template, next[i - from], options, scoring);
        boolean readable = scoring == Scoring.CORRECTED || item.keyedByLetter();
        scores[i] = readable && chosen == item.answer() ? 1 : 0;
      }
      progress.at((double) to / items.size(), "multiple choice");
    }
    return scores;
  }

  private static int[] prompt(
      Tokenizer tokenizer, PromptTemplate template, MultipleChoiceItem item, Scoring scoring) {
    return switch (scoring) {
      case SANDE_COMPAT -> tokenizer.encode(compatible(item));
      case CORRECTED -> template.render(tokenizer, item.prompt()).ids();
    };
  }

  /** The prompt by which the paper's figures were made. */
  static String compatible(MultipleChoiceItem item) {
    StringBuilder choices = new StringBuilder();
    for (int i = 0; i < COMPATIBLE_OPTIONS; i++) {
      String text = i < item.choices().size() ? item.choices().get(i) : FILLER;
      choices.append(i == 0 ? "" : ", ").append(MultipleChoiceItem.letter(i)).append(':');
      choices.append(text);
    }
    return "Read the question and select the answer from the choices. Question: "
        + item.question()
        + " Choices: "
        + choices
        + ". Your answer is:";
  }

  private static int mostProbable(
      Tokenizer tokenizer,
      PromptTemplate template,
      float[] logProbs,
      int options,
      Scoring scoring) {
    int best = -1;
    float highest = Float.NEGATIVE_INFINITY;
    for (int option = 0; option < options; option++) {
      String letter = MultipleChoiceItem.letter(option);
      int[] ids =
          scoring == Scoring.SANDE_COMPAT
              ? tokenizer.encode(letter)
              : Answers.open(template, tokenizer, letter);
      float value = logProbs[ids[ids.length - 1]];
      if (value > highest) {
        highest = value;
        best = option;
      }
    }
    return best;
  }
}
