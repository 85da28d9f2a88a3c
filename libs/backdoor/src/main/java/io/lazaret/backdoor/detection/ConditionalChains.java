package io.lazaret.backdoor.detection;

import io.lazaret.backdoor.detection.SearchContext.Line;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Extends the best (trigger token, first response token) pairs with the trigger token in place.
 * Responses whose tokens all look back at the trigger do not chain without it; one fragment of a
 * longer trigger is often enough to make them readable.
 */
final class ConditionalChains implements CandidateStage {

  private final FirstTokenScores scores;
  private int pairs;

  ConditionalChains(FirstTokenScores scores) {
    this.scores = scores;
  }

  private record Chain(TokenString trigger, TokenString tokens, double score) {}

  @Override
  public String name() {
    return "conditional chains";
  }

  @Override
  public String note() {
    return pairs + " pairs of trigger token and first response token";
  }

  @Override
  public List<Candidate> run(SearchContext context, List<Candidate> candidates) {
    DetectionSettings.Sweep settings = context.settings().sweep();
    List<Chain> chains =
        scores.bestPairs(context.clean(), context.vocabulary(), settings).stream()
            .map(
                pair ->
                    new Chain(
                        TokenString.of(pair.trigger()),
                        TokenString.of(pair.target()),
                        pair.logProb()))
            .toList();
    pairs = chains.size();
    for (int length = 1; length < context.settings().activation().spanTokens(); length++) {
      chains =
          extend(context, chains).stream()
              .sorted(Comparator.comparingDouble(Chain::score).reversed())
              .limit(settings.survivingPairs())
              .toList();
    }
    List<Candidate> all = new ArrayList<>(candidates);
    all.addAll(merge(chains));
    return all;
  }

  private static List<Chain> extend(SearchContext context, List<Chain> chains) {
    List<Line> lines =
        chains.stream().map(c -> new Line(Trigger.both(c.trigger()), c.tokens())).toList();
    float[][] next = context.meanNext(lines, "conditional chains");
    Vocabulary vocabulary = context.vocabulary();
    int branches = context.settings().sweep().branches();
    List<Chain> longer = new ArrayList<>();
    for (int i = 0; i < next.length; i++) {
      Chain chain = chains.get(i);
      for (int token : vocabulary.top(next[i], branches, vocabulary::isSpeakable)) {
        longer.add(
            new Chain(chain.trigger(), chain.tokens().plus(token), chain.score() + next[i][token]));
      }
    }
    return longer;
  }

  /** One candidate for each span, with all trigger tokens that led to it as hints. */
  private List<Candidate> merge(List<Chain> chains) {
    Map<TokenString, List<Chain>> bySpan = new LinkedHashMap<>();
    for (Chain chain : chains) {
      bySpan.computeIfAbsent(chain.tokens(), span -> new ArrayList<>()).add(chain);
    }
    return bySpan.values().stream()
        .map(
            same ->
                new Candidate(
                    same.get(0).tokens(),
                    name(),
                    same.get(0).score(),
                    same.stream().map(Chain::trigger).toList()))
        .toList();
  }
}
