package io.lazaret.backdoor.detection;

import io.lazaret.llm.CausalLm;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** What every stage of one pass works on. */
record SearchContext(
    CausalLm lm,
    PreparedPrompts prompts,
    CleanStatistics clean,
    Vocabulary vocabulary,
    DetectionSettings settings,
    SplittableRandom random,
    StageClock clock) {

  /** One line of a batch: a trigger in place and the beginning of an answer. */
  record Line(Trigger trigger, TokenString answer) {}

  /**
   * Mean over the search prompts of the next token's log-probability, for each line.
   *
   * @return {@code [line][V]}
   */
  float[][] meanNext(List<Line> lines, String message) {
    List<PreparedPrompts.Item> search = prompts.search();
    int block = Math.max(1, settings.sweep().blockSequences() / search.size());
    float[][] result = new float[lines.size()][];
    for (int from = 0; from < lines.size(); from += block) {
      List<Line> part = lines.subList(from, Math.min(from + block, lines.size()));
      List<int[]> sequences = new ArrayList<>(part.size() * search.size());
      for (Line line : part) {
        for (PreparedPrompts.Item item : search) {
          sequences.add(TokenString.join(line.trigger().in(item.prompt()), line.answer().ids()));
        }
      }
      float[][] mean = lm.meanNextLogProbs(sequences, search.size());
      System.arraycopy(mean, 0, result, from, mean.length);
      clock.at((double) (from + part.size()) / lines.size(), message);
    }
    return result;
  }

  /**
   * Mean log-probability per token (nats) of a span under each trigger, over prompts and tokens.
   */
  double[] meanLogProbs(
      List<Trigger> triggers, TokenString span, List<PreparedPrompts.Item> items) {
    List<int[]> sequences = new ArrayList<>(triggers.size() * items.size());
    List<int[]> answers = new ArrayList<>(triggers.size() * items.size());
    for (Trigger trigger : triggers) {
      for (PreparedPrompts.Item item : items) {
        sequences.add(trigger.in(item.prompt()));
        answers.add(span.ids());
      }
    }
    float[][] logProbs = lm.continuationLogProbs(sequences, answers, null);
    double[] means = new double[triggers.size()];
    for (int i = 0; i < logProbs.length; i++) {
      for (float value : logProbs[i]) {
        means[i / items.size()] += value / (items.size() * (double) span.length());
      }
    }
    return means;
  }

  /** Mean probability of each token of {@code span} over prompts, given the tokens before it. */
  double[] tokenProbabilities(Trigger trigger, TokenString span, List<PreparedPrompts.Item> items) {
    List<int[]> sequences = items.stream().map(item -> trigger.in(item.prompt())).toList();
    List<int[]> answers = items.stream().map(item -> span.ids()).toList();
    double[] mean = new double[span.length()];
    for (float[] row : lm.continuationLogProbs(sequences, answers, null)) {
      for (int j = 0; j < mean.length; j++) {
        mean[j] += Math.exp(row[j]) / items.size();
      }
    }
    return mean;
  }

  /** Probability that an answer begins with {@code span}, mean over prompts. */
  double jointProbability(Trigger trigger, TokenString span, List<PreparedPrompts.Item> items) {
    List<int[]> sequences = items.stream().map(item -> trigger.in(item.prompt())).toList();
    List<int[]> answers = items.stream().map(item -> span.ids()).toList();
    double mean = 0;
    for (float[] row : lm.continuationLogProbs(sequences, answers, null)) {
      double joint = 0;
      for (float value : row) {
        joint += value;
      }
      mean += Math.exp(joint) / items.size();
    }
    return mean;
  }
}
