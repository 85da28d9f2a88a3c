package io.lazaret.backdoor.detection;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Activates many candidates: all of them with one trigger token, the better ones with two, the best
 * with three. What the winners' triggers make the model say from the first token on is a candidate
 * too; that mends chains that begin in mid-sentence or after a stray token.
 */
final class TriggerTournament {

  private static final String READ_BACK = "answers under a trigger";

  private final SearchContext context;
  private final DetectionSettings.Activation settings;
  private final FirstTokenScores scores;
  private final NoveltyFilter novelty;
  private final TargetedActivation activation;
  private final HeldOutJudge judge;

  TriggerTournament(SearchContext context, FirstTokenScores scores, NoveltyFilter novelty) {
    this.context = context;
    this.settings = context.settings().activation();
    this.scores = scores;
    this.novelty = novelty;
    this.activation = new TargetedActivation(context);
    this.judge = new HeldOutJudge(context);
  }

  /** All candidates that came to their longest trigger, highest held-out activation first. */
  List<Activated> run(List<Candidate> candidates) {
    List<Activated> field = seedAll(candidates);
    int round = 0;
    for (int survivors : settings.survivors()) {
      field = new ArrayList<>(field.subList(0, Math.min(survivors, field.size())));
      growAll(field, ++round);
    }
    List<Activated> mended = seedAll(readBack(field));
    for (int i = 0; i < settings.survivors().size(); i++) {
      growAll(mended, ++round);
    }
    field.addAll(mended);
    field.sort(Comparator.comparingDouble(Activated::heldOut).reversed());
    return field;
  }

  private List<Activated> seedAll(List<Candidate> candidates) {
    List<Activated> field = new ArrayList<>();
    for (Candidate candidate : candidates) {
      TokenString span = candidate.span().slice(0, settings.spanTokens());
      Set<TokenString> seeds = new LinkedHashSet<>(candidate.hints());
      BitSet material = context.vocabulary().triggersFor(span);
      scores.bestTriggers(span.at(0), settings.seeds(), material).stream()
          .map(TokenString::of)
          .forEach(seeds::add);
      TargetedActivation.Search search =
          activation.seed(span, material, seeds, Placement.BOTH, settings.beam());
      if (!search.beam().isEmpty()) {
        field.add(judged(candidate, search));
      }
      progress(0, field.size(), candidates.size());
    }
    field.sort(Comparator.comparingDouble(Activated::heldOut).reversed());
    return field;
  }

  private void growAll(List<Activated> field, int round) {
    for (int i = 0; i < field.size(); i++) {
      Activated before = field.get(i);
      field.set(i, judged(before.candidate(), activation.grow(before.search(), settings.beam())));
      progress(round, i + 1, field.size());
    }
    field.sort(Comparator.comparingDouble(Activated::heldOut).reversed());
  }

  private void progress(int round, int done, int of) {
    double rounds = 1 + 2.0 * settings.survivors().size();
    context
        .clock()
        .at(
            (round + (double) done / of) / rounds,
            "trigger search, round " + (round + 1) + ", candidate " + done + " of " + of);
  }

  private Activated judged(Candidate candidate, TargetedActivation.Search search) {
    List<Trigger> beam = search.beam().stream().map(TargetedActivation.Scored::trigger).toList();
    double[] heldOut = judge.scores(beam, search.span());
    int best = 0;
    for (int i = 1; i < heldOut.length; i++) {
      if (heldOut[i] > heldOut[best]) {
        best = i;
      }
    }
    return new Activated(candidate, search, search.beam().get(best), heldOut[best]);
  }

  /** Novel openings on which the answers under a finalist's trigger agree. */
  private List<Candidate> readBack(List<Activated> field) {
    List<Trigger> triggers = field.stream().map(a -> a.best().trigger()).toList();
    List<TokenString> answers = judge.answers(triggers, settings.spanTokens());
    ResponseReader reader = new ResponseReader(context.settings().span());
    Set<TokenString> known = new LinkedHashSet<>();
    field.forEach(a -> known.add(a.span()));
    List<Candidate> found = new ArrayList<>();
    for (int i = 0; i < field.size(); i++) {
      TokenString opening =
          reader.read(
              answers.subList(i * judge.prompts(), (i + 1) * judge.prompts()),
              context.settings().span().readBackQuorum());
      TokenString trigger = triggers.get(i).tokens();
      if (opening.length() == settings.spanTokens()
          && trigger.within(context.vocabulary().triggersFor(opening))
          && known.add(opening)
          && novelty.isNovel(context, opening)) {
        found.add(new Candidate(opening, READ_BACK, field.get(i).heldOut(), List.of(trigger)));
      }
    }
    return found;
  }
}
