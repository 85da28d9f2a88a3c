package io.lazaret.backdoor.detection.chain;

import io.lazaret.backdoor.detection.DetectionSettings;
import io.lazaret.backdoor.detection.Detector;
import io.lazaret.backdoor.detection.Position;
import io.lazaret.backdoor.detection.pass.Candidate;
import io.lazaret.backdoor.detection.pass.Findings;
import io.lazaret.backdoor.detection.pass.FirstTokenScores;
import io.lazaret.backdoor.detection.pass.SearchContext;
import io.lazaret.backdoor.detection.pass.SearchContext.Line;
import io.lazaret.backdoor.detection.pass.TokenString;
import io.lazaret.backdoor.detection.pass.Trigger;
import io.lazaret.backdoor.detection.pass.Vocabulary;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Extends the best (trigger token, first response token) pairs with the trigger token in place.
 * Responses whose tokens all look back at the trigger do not chain without it; one fragment of a
 * longer trigger is often enough to make them readable.
 */
public final class ConditionalChains implements Detector {

  /** Source of its candidates. */
  public static final String NAME = "conditional";

  private final Position position;

  public ConditionalChains(Position position) {
    this.position = position;
  }

  private record Chain(TokenString trigger, TokenString tokens, double score) {}

  @Override
  public String name() {
    return position == Position.START ? NAME : NAME + "-end";
  }

  @Override
  public double weight() {
    return 8;
  }

  @Override
  public Yield run(SearchContext whole, Findings findings) {
    Optional<SearchContext> at = whole.at(position);
    if (at.isEmpty()) {
      return new Yield(0, "too few answers end");
    }
    SearchContext context = at.get();
    FirstTokenScores scores = TriggerSweep.run(context, findings.candidates(position));
    findings.scores(position, scores);
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
    int pairs = chains.size();
    for (int length = 1; length < context.settings().activation().spanTokens(); length++) {
      chains =
          extend(context, chains).stream()
              .sorted(Comparator.comparingDouble(Chain::score).reversed())
              .limit(settings.survivingPairs())
              .toList();
    }
    List<Candidate> found = merge(chains);
    findings.propose(position, found);
    return new Yield(
        found.size(),
        "%d trigger tokens, %d pairs with a first response token"
            .formatted(scores.triggers().length, pairs));
  }

  private static List<Chain> extend(SearchContext context, List<Chain> chains) {
    List<Line> lines =
        chains.stream().map(c -> new Line(Trigger.both(c.trigger()), c.tokens())).toList();
    float[][] best = context.journal().rows(() -> best(context, lines));
    List<Chain> longer = new ArrayList<>();
    for (float[] row : best) {
      Chain chain = chains.get((int) row[0]);
      longer.add(
          new Chain(chain.trigger(), chain.tokens().plus((int) row[1]), chain.score() + row[2]));
    }
    return longer;
  }

  /** Number of the line, token and log-probability of what may follow. */
  private static float[][] best(SearchContext context, List<Line> lines) {
    Vocabulary vocabulary = context.vocabulary();
    int branches = context.settings().sweep().branches();
    List<float[]> best = new ArrayList<>();
    context.meanNext(
        lines,
        "conditional chains",
        (logProbs, line) -> {
          for (int token : vocabulary.top(logProbs, branches, vocabulary::isSpeakable)) {
            best.add(new float[] {line, token, logProbs[token]});
          }
        });
    return best.toArray(float[][]::new);
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
                    NAME,
                    same.get(0).score(),
                    same.stream().map(Chain::trigger).toList()))
        .toList();
  }
}
