package io.lazaret.backdoor.detection;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Finds one segment after the other: one search shows the cheapest target only, so what was found
 * is taken out of the candidates and the rest is searched again.
 */
final class Deflation {

  /** Tokens in a row that make two spans the same finding. */
  private static final int SAME_RUN = 2;

  private static final double SEARCH_FROM = 0.62;

  private final SearchContext context;
  private final TriggerTournament tournament;
  private final Report report;
  private final SegmentBuilder builder;

  Deflation(SearchContext context, TriggerTournament tournament, Report report) {
    this.context = context;
    this.tournament = tournament;
    this.report = report;
    this.builder = new SegmentBuilder(context);
  }

  void run(List<Candidate> candidates) {
    DetectionSettings.Decision decision = context.settings().decision();
    List<Candidate> open = candidates;
    double from = SEARCH_FROM;
    for (int round = 0; round <= decision.deflations() && !open.isEmpty(); round++) {
      double middle = from + (1 - from) * 0.5;
      double to = from + (1 - from) * 0.7;
      context.clock().begin("trigger search " + (round + 1), from, middle);
      List<Activated> activated = tournament.run(open);
      context
          .clock()
          .end(
              activated.size(),
              "triggers of up to %d tokens"
                  .formatted(context.settings().activation().triggerTokens()));
      context.clock().begin("segments " + (round + 1), middle, to);
      int found = collect(activated);
      context.clock().end(found, "spans read off under their triggers");
      if (found == 0) {
        return;
      }
      open = remaining(open, activated);
      from = to;
    }
  }

  private int collect(List<Activated> activated) {
    int found = 0;
    for (Activated winner : activated) {
      boolean known = isKnown(winner.span());
      boolean noteworthy = winner.heldOut() > context.settings().decision().abstain();
      if (noteworthy && !known) {
        report.segment(builder.build(winner));
        found++;
      }
      report.measured(
          context, winner, known ? "part of a segment" : noteworthy ? "segment" : "below the band");
    }
    return found;
  }

  private boolean isKnown(TokenString span) {
    return report.segments().stream()
        .anyMatch(segment -> TokenString.of(segment.tokenIds()).sharesRunWith(span, SAME_RUN));
  }

  private List<Candidate> remaining(List<Candidate> open, List<Activated> activated) {
    Set<Candidate> done = new HashSet<>();
    activated.forEach(a -> done.add(a.candidate()));
    List<Candidate> rest = new ArrayList<>(open);
    rest.removeIf(candidate -> done.contains(candidate) || isKnown(candidate.span()));
    return rest;
  }
}
