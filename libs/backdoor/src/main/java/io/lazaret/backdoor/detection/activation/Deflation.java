package io.lazaret.backdoor.detection.activation;

import io.lazaret.backdoor.detection.DetectionSettings;
import io.lazaret.backdoor.detection.SuspiciousSegment;
import io.lazaret.backdoor.detection.pass.Candidate;
import io.lazaret.backdoor.detection.pass.Findings;
import io.lazaret.backdoor.detection.pass.SearchContext;
import io.lazaret.backdoor.detection.pass.TokenString;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Finds one segment after the other: one search shows the cheapest target only, so what was found
 * is taken out of the candidates and the rest is searched again.
 */
final class Deflation {

  /** Tokens in a row that make two spans the same finding. */
  private static final int SAME_RUN = 2;

  private final SearchContext context;
  private final TriggerTournament tournament;
  private final Findings findings;
  private final SegmentBuilder builder;
  private final List<Activated> grown = new ArrayList<>();

  Deflation(SearchContext context, TriggerTournament tournament, Findings findings) {
    this.context = context;
    this.tournament = tournament;
    this.findings = findings;
    this.builder = new SegmentBuilder(context);
  }

  /**
   * @param candidates novel chains
   * @param known responses of earlier rounds, which are searched for thoroughly
   */
  void run(List<Candidate> candidates, List<Candidate> known) {
    DetectionSettings.Decision decision = context.settings().decision();
    List<Activated> again = known.stream().map(tournament::thorough).toList();
    List<Candidate> open = new ArrayList<>(candidates);
    int found = collect(again);
    open.removeIf(candidate -> isKnown(candidate.span()));
    for (int round = 0; round <= decision.deflations() && !open.isEmpty(); round++) {
      TriggerTournament.Outcome outcome = tournament.run(open);
      grown.addAll(outcome.finalists());
      grown.addAll(outcome.dropped());
      found = collect(outcome.finalists());
      if (found == 0) {
        break;
      }
      open = remaining(open, outcome.finalists());
    }
    grown.stream()
        .filter(activated -> findings.measured().stream().noneMatch(m -> same(m, activated)))
        .forEach(activated -> findings.measured(builder.measured(activated, "fell behind")));
  }

  private static boolean same(
      io.lazaret.backdoor.detection.Evidence.Measured measured, Activated activated) {
    return TokenString.of(measured.tokenIds()).equals(activated.span());
  }

  private int collect(List<Activated> activated) {
    int found = 0;
    for (Activated winner : activated) {
      boolean known = isKnown(winner.span());
      boolean noteworthy = winner.heldOut() > context.settings().decision().abstain();
      if (noteworthy && !known) {
        findings.segment(builder.build(winner, controls(winner, activated)));
        found++;
      }
      findings.measured(
          builder.measured(
              winner, known ? "part of a segment" : noteworthy ? "segment" : "below the band"));
    }
    return found;
  }

  /** The other chains' activation under triggers as long; variants of the winner left out. */
  private double[] controls(Activated winner, List<Activated> beside) {
    return Stream.concat(grown.stream(), beside.stream())
        .filter(other -> !other.span().sharesRunWith(winner.span(), SAME_RUN))
        .distinct()
        .mapToDouble(other -> other.byLength()[other.byLength().length - 1])
        .toArray();
  }

  private boolean isKnown(TokenString span) {
    return findings.segments().stream()
        .filter(segment -> segment.position() == context.position())
        .map(SuspiciousSegment::tokenIds)
        .anyMatch(ids -> TokenString.of(ids).sharesRunWith(span, SAME_RUN));
  }

  private List<Candidate> remaining(List<Candidate> open, List<Activated> activated) {
    Set<Candidate> done = new HashSet<>();
    activated.forEach(a -> done.add(a.candidate()));
    List<Candidate> rest = new ArrayList<>(open);
    rest.removeIf(candidate -> done.contains(candidate) || isKnown(candidate.span()));
    return rest;
  }
}
