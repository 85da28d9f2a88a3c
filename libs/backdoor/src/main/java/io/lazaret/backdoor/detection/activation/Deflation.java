package io.lazaret.backdoor.detection.activation;

import io.lazaret.backdoor.detection.Calibration;
import io.lazaret.backdoor.detection.DetectionSettings;
import io.lazaret.backdoor.detection.Evidence;
import io.lazaret.backdoor.detection.chain.CausalitySweep;
import io.lazaret.backdoor.detection.pass.Candidate;
import io.lazaret.backdoor.detection.pass.Findings;
import io.lazaret.backdoor.detection.pass.SearchContext;
import io.lazaret.backdoor.detection.pass.TokenString;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Finds one segment after the other: one search shows the cheapest target only, so what was found
 * is taken out of the candidates and the rest is searched again.
 */
final class Deflation {

  /** Tokens in a row that make two spans the same finding. */
  private static final int SAME_RUN = 2;

  /** The same for what is refuted or declared: a planted response may share a piece with it. */
  private static final int HARMLESS_RUN = 3;

  /** A chain, other chains' activation by trigger length, and what it is judged by beside them. */
  private record Judged(Activated activated, List<double[]> others, Calibration.Figures figures) {
    double score() {
      return figures.score();
    }
  }

  private final SearchContext context;
  private final TriggerTournament tournament;
  private final Findings findings;
  private final SegmentBuilder builder;

  /** Every chain as far as it came; a later round may bring it further. */
  private final Map<Candidate, Activated> grown = new LinkedHashMap<>();

  private final Set<Candidate> reported = new HashSet<>();
  private final List<TokenString> refuted = new ArrayList<>();

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
    again.forEach(this::keep);
    // Known responses are judged beside other chains, where there are such.
    List<Activated> waiting = again;
    List<Candidate> twoWords = candidates.stream().filter(CausalitySweep::isTwoWords).toList();
    List<Candidate> open = new ArrayList<>(candidates);
    open.removeAll(twoWords);
    boolean more = true;
    for (int round = 0; more && round <= decision.deflations() && !open.isEmpty(); round++) {
      TriggerTournament.Outcome outcome = tournament.run(open);
      outcome.dropped().forEach(this::keep);
      outcome.finalists().forEach(this::keep);
      List<Activated> finalists = new ArrayList<>(waiting);
      waiting = List.of();
      finalists.addAll(outcome.finalists());
      more = collect(finalists) > 0;
      open = remaining(open, finalists);
    }
    collect(waiting);
    collect(tournament.assembled(unexplained(candidates)));
    collectTwoWords(unexplained(twoWords));
    grown.values().stream()
        .filter(activated -> !reported.contains(activated.candidate()))
        .forEach(
            activated ->
                report(
                    activated,
                    builder.figures(activated, others(activated)),
                    builder.opensDeclared(activated)
                        ? Evidence.OPENING_OF_DECLARED
                        : "fell behind"));
  }

  private void keep(Activated activated) {
    grown.put(activated.candidate(), activated);
  }

  /** By themselves: beside longer chains they would fall behind, having fewer sure tokens. */
  private void collectTwoWords(List<Candidate> candidates) {
    if (!candidates.isEmpty()) {
      List<Activated> finalists = tournament.run(candidates).finalists();
      collect(
          finalists.stream().filter(one -> CausalitySweep.isTwoWords(one.candidate())).toList());
    }
  }

  private void report(Activated activated, Calibration.Figures figures, String outcome) {
    reported.add(activated.candidate());
    findings.measured(builder.measured(activated, figures, outcome));
  }

  /** The chain with the highest score stands for those that share a run with it. */
  private int collect(List<Activated> activated) {
    DetectionSettings.Decision decision = context.settings().decision();
    List<Judged> judged =
        activated.stream()
            .map(this::judge)
            .sorted(Comparator.comparingDouble(Judged::score).reversed())
            .toList();
    int found = 0;
    for (Judged one : judged) {
      Activated winner = one.activated();
      List<double[]> others = one.others();
      Calibration.Figures figures = one.figures();
      boolean known = isFound(winner.span()) || !isParts(winner) && isRefuted(winner.span());
      String outcome = known ? Evidence.PART_OF_A_SEGMENT : "below the band";
      if (!known && figures.score() > decision.promising()) {
        SegmentBuilder.Built built = builder.build(winner, figures, others);
        figures = built.figures();
        if (figures.score() > decision.abstain()) {
          findings.segment(built.segment());
          found++;
          outcome = "segment";
        } else {
          refuted.add(winner.span());
          outcome = "searches disagree";
        }
      }
      report(winner, figures, outcome);
    }
    return found;
  }

  private Judged judge(Activated activated) {
    List<double[]> others = others(activated);
    return new Judged(activated, others, builder.figures(activated, others));
  }

  /** The other chains' activation by trigger length; variants of the winner left out. */
  private List<double[]> others(Activated winner) {
    return grown.values().stream()
        .filter(other -> !other.span().sharesRunWith(winner.span(), SAME_RUN))
        .map(Activated::judgedByLength)
        .toList();
  }

  /** Separate searches begin with single tokens, so they refute no trigger of parts. */
  private static boolean isParts(Activated activated) {
    return activated.candidate().source().equals(PartsSearch.NAME);
  }

  private boolean isRefuted(TokenString span) {
    return refuted.stream().anyMatch(other -> other.sharesRunWith(span, HARMLESS_RUN));
  }

  private boolean isFound(TokenString span) {
    return findings.segments().stream()
        .filter(segment -> segment.position() == context.position())
        .anyMatch(
            segment ->
                TokenString.of(segment.tokenIds())
                    .sharesRunWith(span, segment.declared() ? HARMLESS_RUN : SAME_RUN));
  }

  /** Candidates that no segment of either position explains. */
  private List<Candidate> unexplained(List<Candidate> candidates) {
    return candidates.stream()
        .filter(
            candidate ->
                findings.segments().stream()
                    .map(segment -> TokenString.of(segment.tokenIds()))
                    .noneMatch(found -> found.sharesRunWith(candidate.span(), SAME_RUN)))
        .toList();
  }

  private List<Candidate> remaining(List<Candidate> open, List<Activated> activated) {
    Set<Candidate> done = new HashSet<>();
    activated.forEach(a -> done.add(a.candidate()));
    List<Candidate> rest = new ArrayList<>(open);
    rest.removeIf(
        candidate ->
            done.contains(candidate) || isFound(candidate.span()) || isRefuted(candidate.span()));
    return rest;
  }
}
