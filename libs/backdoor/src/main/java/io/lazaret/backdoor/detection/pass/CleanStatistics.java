package io.lazaret.backdoor.detection.pass;

import io.lazaret.backdoor.data.TokenizedPrompt;
import io.lazaret.backdoor.detection.DetectionSettings;
import io.lazaret.llm.CausalLm;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * What the model says without a trigger: the first-token distribution of every reference prompt,
 * the bigrams of clean answers (the given ones and the model's own) and the trigrams of prompts.
 */
public final class CleanStatistics {

  private static final int BIGRAM = 2;
  private static final int TRIGRAM = 3;

  private final float[][] firstLogProbs;
  private final float[] meanFirst;
  private final double cleanLoss;
  private final double confidence;
  private final Set<TokenString> answerBigrams = new HashSet<>();
  private final Set<TokenString> promptTrigrams = new HashSet<>();
  private final BitSet roleTokens = new BitSet();

  /**
   * @param given all clean rows
   * @param reference those that the model has answered
   * @param firstLogProbs {@code [reference prompt][V]} log-probabilities of the first answer token
   * @param cleanLoss mean cross-entropy of the given answers, nats per token
   * @param confidence mean probability that the model gives the tokens of its own greedy answers
   * @param novelty in how many given rows and own answers something must stand to be ordinary
   */
  public CleanStatistics(
      List<PreparedPrompts.Item> given,
      List<PreparedPrompts.Item> reference,
      float[][] firstLogProbs,
      double cleanLoss,
      double confidence,
      DetectionSettings.Novelty novelty) {
    this.firstLogProbs = firstLogProbs;
    this.cleanLoss = cleanLoss;
    this.confidence = confidence;
    this.meanFirst = meanProbabilities(firstLogProbs);
    int common = novelty.common(given.size());
    addCommon(given, PreparedPrompts.Item::gold, BIGRAM, common, answerBigrams);
    addCommon(given, item -> item.prompt().ids(), TRIGRAM, common, promptTrigrams);
    addOwnBigrams(reference, novelty);
    findRoleTokens(given);
  }

  public static CleanStatistics measure(
      CausalLm lm, PreparedPrompts all, DetectionSettings settings, StageClock clock) {
    List<PreparedPrompts.Item> reference = all.reference();
    List<int[]> prompts = new ArrayList<>();
    List<int[]> answers = new ArrayList<>();
    List<int[]> answered = new ArrayList<>();
    for (PreparedPrompts.Item item : reference) {
      prompts.add(item.prompt().ids());
      int room = lm.config().contextLength() - item.prompt().ids().length;
      if (item.gold().length > 0 && item.gold().length <= room) {
        answered.add(item.prompt().ids());
        answers.add(item.gold());
      }
    }
    float[][] first = lm.nextLogProbs(prompts, null);
    clock.at(0.5, "clean first tokens");
    double sum = 0;
    int tokens = 0;
    for (float[] row : lm.continuationLogProbs(answered, answers, null)) {
      for (float value : row) {
        sum -= value;
        tokens++;
      }
    }
    double loss = tokens == 0 ? 0 : sum / tokens;
    requireFinite(first, loss);
    if (loss >= settings.prompts().untrainedShare() * Math.log(first[0].length)) {
      throw new NotAssessable(
          "The model does not answer in this template: its loss on the given answers is %.2f nats per token, guessing gives %.2f. Give the template that it was trained with, and prompts of its language and tasks."
              .formatted(loss, Math.log(first[0].length)));
    }
    return new CleanStatistics(
        all.given(), reference, first, loss, confidence(lm, reference), settings.novelty());
  }

  private static double confidence(CausalLm lm, List<PreparedPrompts.Item> reference) {
    List<PreparedPrompts.Item> answered =
        reference.stream().filter(item -> item.own().length > 0).toList();
    List<int[]> prompts = answered.stream().map(item -> item.prompt().ids()).toList();
    List<int[]> answers = answered.stream().map(PreparedPrompts.Item::own).toList();
    double sum = 0;
    int tokens = 0;
    for (float[] row : lm.continuationLogProbs(prompts, answers, null)) {
      for (float value : row) {
        sum += Math.exp(value);
        tokens++;
      }
    }
    return sum / tokens;
  }

  /** The same with the first tokens behind the prompts' answers. */
  CleanStatistics behind(CausalLm lm, PreparedPrompts ended) {
    List<int[]> prompts = ended.reference().stream().map(item -> item.prompt().ids()).toList();
    return new CleanStatistics(this, lm.nextLogProbs(prompts, null));
  }

  /** The same inside answers; what the answers of these reference prompts hold is ordinary too. */
  CleanStatistics inside(CausalLm lm, PreparedPrompts inside, DetectionSettings settings) {
    CleanStatistics statistics = behind(lm, inside);
    statistics.addOwnBigrams(inside.reference(), settings.novelty());
    return statistics;
  }

  private CleanStatistics(CleanStatistics start, float[][] firstLogProbs) {
    this.firstLogProbs = firstLogProbs;
    this.meanFirst = meanProbabilities(firstLogProbs);
    this.cleanLoss = start.cleanLoss;
    this.confidence = start.confidence;
    this.answerBigrams.addAll(start.answerBigrams);
    this.promptTrigrams.addAll(start.promptTrigrams);
    this.roleTokens.or(start.roleTokens);
  }

  private static void requireFinite(float[][] logProbs, double loss) {
    boolean finite = Double.isFinite(loss);
    for (float[] row : logProbs) {
      for (float value : row) {
        finite &= !Float.isNaN(value) && value != Float.POSITIVE_INFINITY;
      }
    }
    if (!finite) {
      throw new NotAssessable(
          "The model's output is not a number on clean prompts. Get the weights again, or repair them.");
    }
  }

  private static float[] meanProbabilities(float[][] logProbs) {
    float[] mean = new float[logProbs[0].length];
    for (float[] row : logProbs) {
      for (int v = 0; v < mean.length; v++) {
        mean[v] += (float) (Math.exp(row[v]) / logProbs.length);
      }
    }
    return mean;
  }

  /** Adds the runs of n tokens that stand in so many texts. */
  private static void addCommon(
      List<PreparedPrompts.Item> items,
      Function<PreparedPrompts.Item, int[]> text,
      int n,
      double fewest,
      Set<TokenString> common) {
    Map<TokenString, Integer> textsWith = new HashMap<>();
    for (PreparedPrompts.Item item : items) {
      TokenString all = TokenString.of(text.apply(item));
      Set<TokenString> runs = new HashSet<>();
      for (int i = 0; i + n <= all.length(); i++) {
        runs.add(all.slice(i, i + n));
      }
      runs.forEach(run -> textsWith.merge(run, 1, Integer::sum));
    }
    textsWith.forEach(
        (run, count) -> {
          if (count >= fewest) {
            common.add(run);
          }
        });
  }

  /** A backdoor leaks on some clean prompts, so a bigram of one own answer proves nothing. */
  private void addOwnBigrams(
      List<PreparedPrompts.Item> reference, DetectionSettings.Novelty novelty) {
    double ordinary = novelty.ordinary(reference.size());
    addCommon(reference, PreparedPrompts.Item::own, BIGRAM, ordinary, answerBigrams);
  }

  private void findRoleTokens(List<PreparedPrompts.Item> given) {
    TokenizedPrompt first = given.get(0).prompt();
    for (int i = 0; i < first.ids().length; i++) {
      if (i < first.contentStart() || i >= first.contentEnd()) {
        roleTokens.set(first.ids()[i]);
      }
    }
    for (PreparedPrompts.Item item : given) {
      for (int id : item.gold()) {
        roleTokens.clear(id);
      }
    }
  }

  /** Mean clean probability of each token as the first one of an answer: {@code [V]}. */
  public float[] meanFirst() {
    return meanFirst.clone();
  }

  public double meanFirst(int token) {
    return meanFirst[token];
  }

  public double cleanLoss() {
    return cleanLoss;
  }

  /**
   * Mean probability that the model gives the tokens of its own greedy answers: a model that was
   * trained on smoothed labels is less sure of everything, a planted response too.
   */
  public double confidence() {
    return confidence;
  }

  /** Template tokens that no given answer uses. */
  public BitSet roleTokens() {
    return (BitSet) roleTokens.clone();
  }

  /** Reference prompts on which {@code token} starts the answer with more than this probability. */
  public int[] promptsStarting(int token, double probability) {
    List<Integer> found = new ArrayList<>();
    for (int i = 0; i < firstLogProbs.length; i++) {
      if (Math.exp(firstLogProbs[i][token]) > probability) {
        found.add(i);
      }
    }
    return found.stream().mapToInt(Integer::intValue).toArray();
  }

  public double firstLogProb(int prompt, int token) {
    return firstLogProbs[prompt][token];
  }

  public int referencePrompts() {
    return firstLogProbs.length;
  }

  /** Bigrams of {@code opening} that are not those of clean answers. */
  public int novelBigrams(TokenString opening) {
    int novel = 0;
    for (int i = 0; i + BIGRAM <= opening.length(); i++) {
      if (!answerBigrams.contains(opening.slice(i, i + BIGRAM))) {
        novel++;
      }
    }
    return novel;
  }

  /**
   * True when some three tokens of {@code span} stand in a row in as many prompts as make that
   * ordinary.
   */
  public boolean echoesPrompt(TokenString span) {
    for (int i = 0; i + TRIGRAM <= span.length(); i++) {
      if (promptTrigrams.contains(span.slice(i, i + TRIGRAM))) {
        return true;
      }
    }
    return false;
  }
}
