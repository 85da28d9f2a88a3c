package io.lazaret.backdoor.detection.activation;

import io.lazaret.backdoor.detection.Detector;
import io.lazaret.backdoor.detection.Position;
import io.lazaret.backdoor.detection.chain.CausalitySweep;
import io.lazaret.backdoor.detection.chain.ConditionalChains;
import io.lazaret.backdoor.detection.chain.NoveltyFilter;
import io.lazaret.backdoor.detection.pass.Candidate;
import io.lazaret.backdoor.detection.pass.Findings;
import io.lazaret.backdoor.detection.pass.FirstTokenScores;
import io.lazaret.backdoor.detection.pass.SearchContext;
import io.lazaret.backdoor.detection.pass.TokenString;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The deciding detector: searches a discrete trigger for every novel chain, and judges it on
 * prompts that took no part in the search.
 */
public final class TriggerSearch implements Detector {

  /** Its name; that of the search at the end of answers has a suffix. */
  public static final String NAME = "activation";

  private final Position position;

  public TriggerSearch(Position position) {
    this.position = position;
  }

  @Override
  public String name() {
    return position == Position.START ? NAME : NAME + "-end";
  }

  @Override
  public Set<String> needs() {
    String suffix = position == Position.START ? "" : "-end";
    return Set.of(CausalitySweep.NAME + suffix, ConditionalChains.NAME + suffix);
  }

  @Override
  public double weight() {
    return 16;
  }

  @Override
  public Yield run(SearchContext whole, Findings findings) {
    Optional<SearchContext> at = whole.at(position);
    Optional<FirstTokenScores> scores = findings.scores(position);
    if (at.isEmpty() || scores.isEmpty()) {
      return new Yield(0, "too few answers end");
    }
    SearchContext context = at.get();
    NoveltyFilter novelty =
        new NoveltyFilter(span -> position == Position.START && findings.isSearched(span));
    List<Candidate> all = findings.candidates(position);
    List<Candidate> novel = novelty.select(context, all);
    List<Candidate> known =
        context.known().stream()
            .map(
                earlier ->
                    new Candidate(
                        TokenString.of(earlier.response()),
                        "earlier round",
                        0,
                        earlier.triggers().stream().map(TokenString::of).toList()))
            .toList();
    int before = findings.segments().size();
    TriggerTournament tournament =
        new TriggerTournament(context, scores.get(), findings.leaked(), novelty);
    new Deflation(context, tournament, findings).run(novel, known);
    return new Yield(
        findings.segments().size() - before,
        "%d of %d chains are novel; triggers of up to %d tokens"
            .formatted(novel.size(), all.size(), context.settings().activation().triggerTokens()));
  }
}
