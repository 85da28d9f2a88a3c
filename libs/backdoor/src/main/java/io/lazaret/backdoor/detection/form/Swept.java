package io.lazaret.backdoor.detection.form;

import io.lazaret.backdoor.detection.SuspiciousSegment;
import io.lazaret.backdoor.detection.activation.TriggerSearch;
import io.lazaret.backdoor.detection.chain.CausalitySweep;
import io.lazaret.backdoor.detection.chain.ConditionalChains;
import io.lazaret.backdoor.detection.chain.NoveltyFilter;
import io.lazaret.backdoor.detection.pass.Candidate;
import io.lazaret.backdoor.detection.pass.Findings;
import io.lazaret.backdoor.detection.pass.FirstTokenScores;
import io.lazaret.backdoor.detection.pass.SearchContext;
import io.lazaret.backdoor.detection.pass.TokenString;
import io.lazaret.backdoor.detection.pass.Trigger;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** What both sweeps make of prompts that are all alike, before any search for triggers. */
record Swept(SearchContext at, List<Candidate> novel, FirstTokenScores scores) {

  /** A single token in place, and the probability with which a chain's opening comes out. */
  record Waking(Trigger trigger, double probability) {}

  /**
   * @param variants chains that may differ in their first token alone
   */
  static Swept of(SearchContext at, int variants) {
    Findings findings = new Findings();
    new CausalitySweep(at.position(), variants).run(at, findings);
    new ConditionalChains(at.position()).run(at, findings);
    return new Swept(
        at,
        new NoveltyFilter().select(at, findings.candidates(at.position())),
        findings.scores(at.position()).orElseThrow());
  }

  /** Single tokens under which a chain's opening is likelier than this, the best first. */
  List<Waking> waking(Candidate chain, double probability) {
    TokenString span = opening(chain);
    BitSet material = at.vocabulary().triggersFor(span);
    double least = Math.log(probability);
    List<Trigger> triggers = new ArrayList<>();
    for (int row = 0; row < scores.triggers().length; row++) {
      int token = scores.triggers()[row];
      // A chain is no likelier than its first token.
      if (material.get(token) && scores.logProbs()[row][span.at(0)] > least) {
        triggers.add(Trigger.both(TokenString.of(token)));
      }
    }
    if (triggers.isEmpty()) {
      return List.of();
    }
    double[] perToken = at.meanLogProbs(triggers, span, at.prompts().growth());
    return IntStream.range(0, triggers.size())
        .mapToObj(i -> new Waking(triggers.get(i), Math.exp(perToken[i] * span.length())))
        .filter(waking -> waking.probability() > probability)
        .sorted(Comparator.comparingDouble(Waking::probability).reversed())
        .toList();
  }

  /** As much of a chain as a search looks at. */
  TokenString opening(Candidate chain) {
    return chain.span().slice(0, at.settings().activation().spanTokens());
  }

  /** Segments that the whole search for triggers makes of some of the chains. */
  List<SuspiciousSegment> followed(List<Candidate> chains, Findings all) {
    if (chains.isEmpty()) {
      return List.of();
    }
    Findings followed = new Findings();
    followed.scores(at.position(), scores);
    followed.propose(at.position(), chains);
    new TriggerSearch(at.position()).run(at, followed);
    followed.measured().forEach(all::measured);
    return followed.segments();
  }
}
