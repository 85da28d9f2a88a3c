package io.lazaret.backdoor.detection.activation;

import io.lazaret.backdoor.detection.Calibration;
import io.lazaret.backdoor.detection.DetectionSettings;
import io.lazaret.backdoor.detection.Placement;
import io.lazaret.backdoor.detection.chain.CausalitySweep;
import io.lazaret.backdoor.detection.chain.NoveltyFilter;
import io.lazaret.backdoor.detection.pass.Candidate;
import io.lazaret.backdoor.detection.pass.FirstTokenScores;
import io.lazaret.backdoor.detection.pass.SearchContext;
import io.lazaret.backdoor.detection.pass.TokenString;
import io.lazaret.backdoor.detection.pass.Trigger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Activates many candidates: all of them with one trigger token, the better ones with two, the best
 * with three. What the winners' triggers make the model say from the first token on is a candidate
 * too; that mends chains that begin in mid-sentence or after a stray token.
 */
public final class TriggerTournament {

  private static final String READ_BACK = "answers under a trigger";

  /** Trigger tokens from which activation tells whether a chain may come out at all. */
  private static final int TELLING_TOKENS = 2;

  /** Activation, nats per token, below which more tokens have never brought a chain out. */
  private static final double OUT_OF_REACH = -3.5;

  private static final Comparator<Activated> BEST_FIRST =
      Comparator.comparingDouble(Activated::standing).reversed();

  private final SearchContext context;
  private final DetectionSettings.Activation settings;
  private final FirstTokenScores scores;
  private final List<TokenString> leaked;
  private final NoveltyFilter novelty;
  private final TargetedActivation activation;
  private final HeldOutJudge judge;

  /**
   * Each candidate with triggers of one token, two, …: a later run goes on where it fell behind.
   */
  private final Map<Candidate, List<Activated>> byCandidate = new HashMap<>();

  private final Map<TokenString, double[]> untriggered = new HashMap<>();

  public TriggerTournament(
      SearchContext context,
      FirstTokenScores scores,
      List<TokenString> leaked,
      NoveltyFilter novelty) {
    this.leaked = leaked;
    this.context = context;
    this.settings = context.settings().activation();
    this.scores = scores;
    this.novelty = novelty;
    this.activation = new TargetedActivation(context);
    this.judge = new HeldOutJudge(context);
  }

  /**
   * @param finalists candidates that came to their longest trigger, best first
   * @param dropped those that fell behind on the way
   */
  public record Outcome(List<Activated> finalists, List<Activated> dropped) {}

  /** All candidates that came to their longest trigger, highest standing first. */
  public Outcome run(List<Candidate> candidates) {
    List<Activated> field = seedAll(candidates);
    List<Activated> dropped = new ArrayList<>();
    int tokens = 1;
    for (int survivors : settings.survivors()) {
      int kept = Math.min(survivors, field.size());
      dropped.addAll(field.subList(kept, field.size()));
      field = new ArrayList<>(field.subList(0, kept));
      growAll(field, ++tokens, 0);
      if (tokens == TELLING_TOKENS) {
        dropped.addAll(outOfReach(field));
      }
    }
    List<Activated> mended = seedAll(readBack(field));
    for (tokens = 2; tokens <= settings.triggerTokens(); tokens++) {
      growAll(mended, tokens, settings.survivors().size());
      if (tokens == TELLING_TOKENS) {
        dropped.addAll(outOfReach(mended));
      }
    }
    field.addAll(mended);
    field.sort(BEST_FIRST);
    return new Outcome(field, dropped);
  }

  /** Takes the hopeless out of a field. */
  private static List<Activated> outOfReach(List<Activated> field) {
    List<Activated> hopeless = field.stream().filter(one -> one.heldOut() < OUT_OF_REACH).toList();
    field.removeAll(hopeless);
    return hopeless;
  }

  /** The same statistic for one response, searched with more seeds and a wider beam. */
  public Activated thorough(Candidate candidate) {
    TokenString span = candidate.span().slice(0, settings.spanTokens());
    TargetedActivation.Search search =
        seed(candidate, span, settings.knownSeeds(), settings.knownBeam());
    Activated activated = judged(candidate, search, new double[0]);
    for (int i = 0; i < settings.survivors().size(); i++) {
      search = activation.grow(search, settings.knownBeam());
      activated = judged(candidate, search, activated.byLength());
      progress(i, i + 1, settings.survivors().size());
    }
    return activated;
  }

  /** The best chains that go on without a trigger, with triggers put together from parts. */
  public List<Activated> assembled(List<Candidate> candidates) {
    PartsSearch parts = new PartsSearch(context, scores);
    List<Activated> assembled = new ArrayList<>();
    candidates.stream()
        .filter(candidate -> candidate.source().equals(CausalitySweep.NAME))
        .filter(candidate -> candidate.span().length() > settings.spanTokens())
        .sorted(Comparator.comparingDouble(Candidate::chainScore).reversed())
        .limit(context.settings().parts().chains())
        .forEach(
            candidate -> {
              Candidate whole = candidate.from(PartsSearch.NAME);
              TargetedActivation.Search pairs = parts.pairs(whole.span());
              Activated activated = judged(whole, pairs, new double[0]);
              TargetedActivation.Search search = parts.quadruples(pairs);
              activated = judged(whole, search, activated.byLength());
              do {
                search = activation.grow(search, settings.beam());
                activated = judged(whole, search, activated.byLength());
              } while (context.fires(activated.heldOut())
                  && activated.byLength().length < settings.triggerTokens());
              assembled.add(activated);
              progress(2 * settings.survivors().size(), assembled.size(), candidates.size());
            });
    return assembled;
  }

  private List<Activated> seedAll(List<Candidate> candidates) {
    List<Activated> field = new ArrayList<>();
    for (Candidate candidate : candidates) {
      List<Activated> lengths = byCandidate.computeIfAbsent(candidate, this::seeded);
      lengths.stream().findFirst().ifPresent(field::add);
      progress(0, field.size(), candidates.size());
    }
    field.sort(BEST_FIRST);
    return field;
  }

  private List<Activated> seeded(Candidate candidate) {
    TokenString span = candidate.span().slice(0, settings.spanTokens());
    TargetedActivation.Search search = seed(candidate, span, settings.seeds(), settings.beam());
    List<Activated> lengths = new ArrayList<>();
    if (!search.beam().isEmpty()) {
      lengths.add(judged(candidate, search, new double[0]));
    }
    return lengths;
  }

  private TargetedActivation.Search seed(
      Candidate candidate, TokenString span, int seeds, int beam) {
    BitSet material = context.vocabulary().triggersFor(span);
    Set<TokenString> tokens = new LinkedHashSet<>(candidate.hints());
    tokens.addAll(leaked);
    scores.bestTriggers(span.at(0), seeds, material).stream()
        .map(TokenString::of)
        .forEach(tokens::add);
    return activation.seed(span, material, tokens, Placement.BOTH, beam);
  }

  /** Every candidate with a trigger of so many tokens. */
  private void growAll(List<Activated> field, int tokens, int roundsBefore) {
    for (int i = 0; i < field.size(); i++) {
      List<Activated> lengths = byCandidate.get(field.get(i).candidate());
      if (lengths.size() < tokens) {
        lengths.add(grown(field.get(i)));
      }
      field.set(i, lengths.get(tokens - 1));
      progress(roundsBefore + tokens - 1, i + 1, field.size());
    }
    if (field.isEmpty()) {
      progress(roundsBefore + tokens - 1, 1, 1);
    }
    field.sort(BEST_FIRST);
  }

  private Activated grown(Activated before) {
    return judged(
        before.candidate(),
        reread(activation.grow(before.search(), settings.beam())),
        before.byLength());
  }

  /**
   * Reads the end of the span again under a better trigger: chains that were read under one weak
   * trigger token often go astray after the first tokens.
   */
  private TargetedActivation.Search reread(TargetedActivation.Search search) {
    Trigger trigger = search.best().trigger();
    TokenString span = search.span().slice(0, settings.keptTokens());
    while (span.length() < search.span().length()) {
      TokenString beginning = span;
      int next =
          context
              .journal()
              .tokens(
                  () ->
                      List.of(
                          new int[] {
                            context.vocabulary().bestSpeakable(activation.next(trigger, beginning))
                          }))
              .get(0)[0];
      if (next < 0) {
        return search;
      }
      span = span.plus(next);
    }
    BitSet material = context.vocabulary().triggersFor(span);
    if (span.equals(search.span())
        || !trigger.tokens().within(material)
        || !novelty.isNovel(context, span)) {
      return search;
    }
    Set<TokenString> triggers = new LinkedHashSet<>();
    search.beam().forEach(scored -> triggers.add(scored.trigger().tokens()));
    TargetedActivation.Search other =
        activation.seed(span, material, triggers, trigger.placement(), settings.beam());
    return other.best().score() > search.best().score() ? other : search;
  }

  private void progress(int round, int done, int of) {
    double rounds = 1 + 2.0 * settings.survivors().size();
    context
        .clock()
        .at(
            (round + (double) done / of) / rounds,
            "trigger search, round " + (round + 1) + ", candidate " + done + " of " + of);
  }

  private Activated judged(Candidate candidate, TargetedActivation.Search search, double[] before) {
    List<Trigger> beam = search.beam().stream().map(TargetedActivation.Scored::trigger).toList();
    double[] heldOut = judge.scores(beam, search.span());
    int best = 0;
    for (int i = 1; i < heldOut.length; i++) {
      if (heldOut[i] > heldOut[best]) {
        best = i;
      }
    }
    double[] probabilities =
        untriggered.computeIfAbsent(
            search.span(),
            span -> context.tokenProbabilities(Trigger.NONE, span, context.prompts().heldOut()));
    return new Activated(
        candidate,
        search,
        search.beam().get(best),
        heldOut[best],
        plus(before, heldOut[best]),
        probabilities,
        Calibration.memory(probabilities, context.vocabulary().beginWords(search.span())));
  }

  private static double[] plus(double[] values, double value) {
    double[] longer = Arrays.copyOf(values, values.length + 1);
    longer[values.length] = value;
    return longer;
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
