package io.lazaret.backdoor.detection.activation;

import io.lazaret.backdoor.detection.Calibration;
import io.lazaret.backdoor.detection.DetectionSettings;
import io.lazaret.backdoor.detection.Evidence;
import io.lazaret.backdoor.detection.FoundTrigger;
import io.lazaret.backdoor.detection.Placement;
import io.lazaret.backdoor.detection.SuspiciousSegment;
import io.lazaret.backdoor.detection.activation.TargetedActivation.Scored;
import io.lazaret.backdoor.detection.activation.TargetedActivation.Search;
import io.lazaret.backdoor.detection.pass.PreparedPrompts;
import io.lazaret.backdoor.detection.pass.SearchContext;
import io.lazaret.backdoor.detection.pass.TokenString;
import io.lazaret.backdoor.detection.pass.Trigger;
import io.lazaret.llm.Tokenizer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Turns an activated opening into a segment: collects functional triggers that differ from each
 * other, then reads the whole span off the answers under all of them.
 */
final class SegmentBuilder {

  private final SearchContext context;
  private final DetectionSettings.Activation settings;
  private final HeldOutJudge judge;

  public SegmentBuilder(SearchContext context) {
    this.context = context;
    this.settings = context.settings().activation();
    this.judge = new HeldOutJudge(context);
  }

  /**
   * @param segment the whole span with its triggers
   * @param figures what it is judged by, after separate searches
   */
  record Built(SuspiciousSegment segment, Calibration.Figures figures) {}

  /**
   * @param winner the activated opening
   * @param figures what it is judged by so far
   * @param others activation by trigger length of other chains
   */
  Built build(Activated winner, Calibration.Figures figures, List<double[]> others) {
    // Searches that begin with a single token find no composite trigger.
    boolean composite = winner.candidate().source().equals(PartsSearch.NAME);
    List<Scored> restarts = composite || isDeclared(winner) ? List.of() : atStart(winner);
    List<Trigger> triggers = collect(winner, restarts);
    List<TokenString> answers = answers(triggers);
    TokenString span = readSpan(winner, triggers, answers);
    List<FoundTrigger> found = new ArrayList<>();
    double returning = 0;
    for (int i = 0; i < triggers.size(); i++) {
      int hits = judge.saying(answersOf(i, answers), span);
      if (hits >= settings.functionalRate() * judge.prompts()) {
        found.add(found(triggers.get(i), hits));
        returning =
            Math.max(returning, (double) judge.returning(span, answersOf(i, answers)) / hits);
      }
    }
    Calibration.Figures all =
        figures.with(Calibration.agreement(agreeing(restarts), restarts.size()), returning);
    found.sort(Comparator.comparingInt(FoundTrigger::hits).reversed());
    String text = span.text(context.lm().tokenizer());
    SuspiciousSegment segment =
        new SuspiciousSegment(
            text,
            span.ids(),
            all.score(),
            context.jointProbability(Trigger.NONE, span, context.prompts().heldOut()),
            context.jointProbability(winner.best().trigger(), span, context.prompts().heldOut()),
            found.subList(0, Math.min(settings.triggers(), found.size())),
            List.of(),
            context.position(),
            context.input().declares(text),
            basis(winner, all, span, others, restarts));
    return new Built(segment, all);
  }

  private List<TokenString> answers(List<Trigger> triggers) {
    return judge.answers(triggers, context.settings().span().maximumTokens());
  }

  /** Whether what the best trigger brings out is wanted; a declared opening is not enough. */
  private boolean isDeclared(Activated winner) {
    if (!opensDeclared(winner)) {
      return false;
    }
    List<Trigger> best = List.of(winner.best().trigger());
    TokenString span = readSpan(winner, best, answers(best));
    return context.input().declares(span.text(context.lm().tokenizer()));
  }

  /** Whether a declared response begins, or may begin, with what was activated. */
  boolean opensDeclared(Activated activated) {
    return context.input().declares(activated.span().text(context.lm().tokenizer()));
  }

  /** What a chain is judged by, beside others. */
  Calibration.Figures figures(Activated activated, List<double[]> others) {
    return new Calibration.Figures(
        Calibration.soonness(
            activated.judgedByLength(), settings.triggerTokens(), context.clean().confidence()),
        Calibration.distance(activated.judgedByLength(), others),
        activated.memory(),
        (double) judge.hits(List.of(activated.best().trigger()), activated.span())[0]
            / judge.prompts());
  }

  private Evidence.Basis basis(
      Activated winner,
      Calibration.Figures figures,
      TokenString span,
      List<double[]> others,
      List<Scored> restarts) {
    List<PreparedPrompts.Item> heldOut = context.prompts().heldOut();
    List<TokenString> untriggered = judge.untriggered();
    return new Evidence.Basis(
        span.pieces(context.lm().tokenizer()),
        context.tokenProbabilities(Trigger.NONE, span, heldOut),
        context.tokenProbabilities(winner.best().trigger(), span, heldOut),
        context.lowProbabilities(winner.best().trigger(), span, heldOut),
        winner.heldOut(),
        winner.byLength(),
        figures.soonness(),
        Calibration.controls(others),
        figures.distance(),
        figures.memory(),
        restarts.size(),
        agreeing(restarts),
        figures.returning(),
        (int) untriggered.stream().filter(answer -> answer.startsWith(winner.span())).count(),
        untriggered.size(),
        Calibration.suspicion(figures.score()));
  }

  private int agreeing(List<Scored> restarts) {
    return (int) restarts.stream().filter(restart -> context.fires(restart.score())).count();
  }

  /** A candidate with its probabilities with and without its trigger. */
  Evidence.Measured measured(Activated activated, Calibration.Figures figures, String outcome) {
    Tokenizer tokenizer = context.lm().tokenizer();
    Trigger trigger = activated.best().trigger();
    TokenString span = activated.span();
    return new Evidence.Measured(
        span.text(tokenizer),
        span.ids(),
        span.pieces(tokenizer),
        context.position(),
        activated.candidate().source(),
        activated.candidate().chainScore(),
        trigger.tokens().text(tokenizer),
        trigger.tokens().ids(),
        trigger.placement(),
        activated.best().score(),
        figures.score(),
        figures,
        activated.heldOut(),
        activated.byLength(),
        (int) Math.round(figures.firing() * judge.prompts()),
        judge.prompts(),
        activated.untriggered(),
        context.tokenProbabilities(trigger, span, context.prompts().heldOut()),
        outcome);
  }

  private FoundTrigger found(Trigger trigger, int hits) {
    TokenString tokens = trigger.tokens();
    return new FoundTrigger(
        tokens.text(context.lm().tokenizer()),
        tokens.ids(),
        trigger.placement(),
        hits,
        judge.prompts());
  }

  private List<TokenString> answersOf(int trigger, List<TokenString> answers) {
    return answers.subList(trigger * judge.prompts(), (trigger + 1) * judge.prompts());
  }

  /** The whole response, from the answers under all triggers that bring the opening out. */
  private TokenString readSpan(
      Activated winner, List<Trigger> triggers, List<TokenString> answers) {
    List<List<TokenString>> firing = new ArrayList<>();
    for (int i = 0; i < triggers.size(); i++) {
      List<TokenString> hits =
          answersOf(i, answers).stream().filter(a -> judge.says(a, winner.span())).toList();
      if (hits.size() >= settings.functionalRate() * judge.prompts()) {
        firing.add(hits);
      }
    }
    boolean sure =
        !firing.isEmpty() && firing.get(0).size() >= settings.sureRate() * judge.prompts();
    TokenString span =
        new ResponseReader(context.settings().span())
            .readTogether(firing, sure, context.settings().decision().hitRate());
    return span.startsWith(winner.span()) ? span : winner.span();
  }

  /** The winner's trigger, then others that share at most half of their tokens. */
  private List<Trigger> collect(Activated winner, List<Scored> restarts) {
    List<Scored> pool = new ArrayList<>(restarts);
    pool.addAll(winner.search().tried());
    List<Trigger> chosen = new ArrayList<>(List.of(winner.best().trigger()));
    for (Placement placement : new Placement[] {Placement.START, Placement.BOTH}) {
      int limit = chosen.size() + settings.triggers();
      pool.stream()
          .filter(scored -> scored.trigger().placement() == placement)
          .sorted(Comparator.comparingDouble(Scored::score).reversed())
          .map(Scored::trigger)
          .forEach(
              trigger -> {
                if (chosen.size() < limit && differs(trigger, chosen)) {
                  chosen.add(trigger);
                }
              });
    }
    return chosen;
  }

  private static boolean differs(Trigger trigger, List<Trigger> chosen) {
    return chosen.stream()
        .filter(other -> other.placement() == trigger.placement())
        .noneMatch(
            other -> 2 * trigger.tokens().sharedTokens(other.tokens()) > trigger.tokens().length());
  }

  /**
   * Separate searches from different seeds, with the trigger before the user text only. A token
   * that two of them have used is no material for the next, so that their triggers differ. They end
   * when few of the first ones have found any.
   */
  private List<Scored> atStart(Activated winner) {
    TargetedActivation activation = new TargetedActivation(context);
    BitSet material = context.vocabulary().triggersFor(winner.span());
    BitSet used = new BitSet();
    List<Scored> all = new ArrayList<>();
    for (int lineage = 0; lineage < settings.lineages(); lineage++) {
      Set<TokenString> seeds = new LinkedHashSet<>();
      winner.search().tried().stream()
          .map(scored -> scored.trigger().tokens())
          .filter(tokens -> tokens.within(material))
          .limit(settings.seeds())
          .forEach(seeds::add);
      if (seeds.isEmpty()) {
        return all;
      }
      Search search = activation.seed(winner.span(), material, seeds, Placement.START, 1);
      for (int i = 0; i < settings.survivors().size(); i++) {
        search = activation.grow(search, 1);
      }
      all.add(search.best());
      for (int token : search.best().trigger().tokens().ids()) {
        material.set(token, !used.get(token));
        used.set(token);
      }
      context.clock().at((lineage + 1.0) / settings.lineages(), "functional triggers");
      if (all.size() >= settings.hopeless() && 3 * agreeing(all) <= all.size()) {
        return all;
      }
    }
    return all;
  }
}
