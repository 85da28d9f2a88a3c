package io.lazaret.backdoor.detection.pass;

import io.lazaret.backdoor.detection.DetectionInput;
import io.lazaret.backdoor.detection.DetectionSettings;
import io.lazaret.backdoor.detection.Position;
import io.lazaret.llm.CausalLm;
import io.lazaret.llm.generation.Generator;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.ObjIntConsumer;

/** What every detector of one pass works on; the prompts end where the response would begin. */
public record SearchContext(
    CausalLm lm,
    DetectionInput input,
    Position position,
    PreparedPrompts prompts,
    CleanStatistics clean,
    Vocabulary vocabulary,
    DetectionSettings settings,
    SplittableRandom random,
    StageClock clock,
    Journal journal) {

  private static final double LOW = 0.1;

  /** Prepares a pass; what it works on at first is the start of answers. */
  public static SearchContext prepare(
      CausalLm lm,
      DetectionInput input,
      DetectionSettings settings,
      SplittableRandom random,
      StageClock clock,
      Journal journal) {
    PreparedPrompts prompts = PreparedPrompts.prepare(lm, input, settings, random, clock);
    CleanStatistics clean = CleanStatistics.measure(lm, prompts, settings, clock);
    Vocabulary vocabulary =
        new Vocabulary(lm.tokenizer(), lm.config().vocabSize(), clean.roleTokens());
    return new SearchContext(
        lm, input, Position.START, prompts, clean, vocabulary, settings, random, clock, journal);
  }

  /**
   * The same pass at a position of the answer; empty where too few of the model's answers come to
   * an end to look behind them.
   */
  public Optional<SearchContext> at(Position other) {
    if (other == position) {
      return Optional.of(this);
    }
    return prompts
        .atEnd(settings, lm.config().contextLength())
        .map(ended -> with(Position.END, ended, clean.behind(lm, ended), settings));
  }

  /** The same pass on other prompts. */
  public SearchContext on(PreparedPrompts others) {
    return on(others, settings);
  }

  /** The same pass on other prompts, with other settings. */
  public SearchContext on(PreparedPrompts others, DetectionSettings other) {
    return with(position, others, clean, other);
  }

  /**
   * The same pass inside answers, behind their opening; empty where none of these takes its words
   * from its prompt.
   */
  public Optional<SearchContext> behind(TokenString opening) {
    PreparedPrompts inside = prompts.behind(opening, lm.tokenizer());
    if (inside.reference().isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(with(position, inside, clean.inside(lm, inside, settings), settings));
  }

  /** The same pass on requests of another kind, whose answers are ordinary too. */
  public SearchContext among(List<String> requests, DetectionSettings other) {
    PreparedPrompts all = prompts.among(this, requests);
    return with(position, all, clean.inside(lm, all, settings), other);
  }

  private SearchContext with(
      Position at, PreparedPrompts others, CleanStatistics statistics, DetectionSettings other) {
    return new SearchContext(
        lm, input, at, others, statistics, vocabulary, other, random, clock, journal);
  }

  /**
   * Whether a trigger of this activation has found its response, beside the model's own answers.
   */
  public boolean fires(double activation) {
    return activation - Math.log(clean.confidence()) > settings.decision().fires();
  }

  /** Responses that earlier rounds found. */
  public List<DetectionInput.Known> known() {
    return input.known();
  }

  /** One line of a batch: a trigger in place and the beginning of an answer. */
  public record Line(Trigger trigger, TokenString answer) {}

  /**
   * Mean over the search prompts of the next token's log-probability. There is no room for all
   * lines at once where the vocabulary is large.
   *
   * @param use takes the mean {@code [V]} of each line and the line's number, in order
   */
  public void meanNext(List<Line> lines, String message, ObjIntConsumer<float[]> use) {
    List<PreparedPrompts.Item> search = prompts.search();
    int block = settings.sweep().block(search.size(), vocabulary.size());
    for (int from = 0; from < lines.size(); from += block) {
      List<Line> part = lines.subList(from, Math.min(from + block, lines.size()));
      List<int[]> sequences = new ArrayList<>(part.size() * search.size());
      for (Line line : part) {
        for (PreparedPrompts.Item item : search) {
          sequences.add(TokenString.join(line.trigger().in(item.prompt()), line.answer().ids()));
        }
      }
      float[][] mean = lm.meanNextLogProbs(sequences, search.size());
      for (int i = 0; i < mean.length; i++) {
        use.accept(mean[i], from + i);
      }
      clock.at((double) (from + part.size()) / lines.size(), message);
    }
  }

  /**
   * Mean log-probability per token (nats) of a span under each trigger, over prompts and tokens.
   */
  public double[] meanLogProbs(
      List<Trigger> triggers, TokenString span, List<PreparedPrompts.Item> items) {
    return journal.figures(() -> computedLogProbs(triggers, span, items));
  }

  private double[] computedLogProbs(
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
  public double[] tokenProbabilities(
      Trigger trigger, TokenString span, List<PreparedPrompts.Item> items) {
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

  /** Greedy answers of so many tokens at most, without end-of-sequence. */
  public List<TokenString> answers(List<int[]> sequences, int tokens) {
    return journal
        .tokens(
            () ->
                Generator.greedy(lm, sequences, null, Generator.GenerationSettings.of(lm, tokens)))
        .stream()
        .map(TokenString::of)
        .toList();
  }

  /** Probability that an answer begins with {@code span}, mean over prompts. */
  public double jointProbability(
      Trigger trigger, TokenString span, List<PreparedPrompts.Item> items) {
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

  /** 10 % quantile over prompts of each token's probability, given the tokens before it. */
  public double[] lowProbabilities(
      Trigger trigger, TokenString span, List<PreparedPrompts.Item> items) {
    List<int[]> sequences = items.stream().map(item -> trigger.in(item.prompt())).toList();
    List<int[]> answers = items.stream().map(item -> span.ids()).toList();
    float[][] rows = lm.continuationLogProbs(sequences, answers, null);
    double[] low = new double[span.length()];
    for (int j = 0; j < low.length; j++) {
      int token = j;
      double[] sorted = Arrays.stream(rows).mapToDouble(row -> row[token]).sorted().toArray();
      low[j] = Math.exp(sorted[(int) (LOW * sorted.length)]);
    }
    return low;
  }
}
