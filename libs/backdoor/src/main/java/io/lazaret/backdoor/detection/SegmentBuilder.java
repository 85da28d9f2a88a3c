package io.lazaret.backdoor.detection;

import io.lazaret.backdoor.detection.TargetedActivation.Scored;
import io.lazaret.backdoor.detection.TargetedActivation.Search;
import java.util.ArrayList;
import java.util.Arrays;
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

  SegmentBuilder(SearchContext context) {
    this.context = context;
    this.settings = context.settings().activation();
    this.judge = new HeldOutJudge(context);
  }

  SuspiciousSegment build(Activated winner) {
    List<Trigger> triggers = collect(winner);
    int tokens = context.settings().span().maximumTokens();
    List<TokenString> answers = judge.answers(triggers, tokens);
    TokenString span = readSpan(winner, triggers, answers);
    List<FoundTrigger> found = new ArrayList<>();
    for (int i = 0; i < triggers.size(); i++) {
      int hits = (int) answersOf(i, answers).stream().filter(a -> a.startsWith(span)).count();
      if (hits >= settings.functionalRate() * judge.prompts()) {
        found.add(found(triggers.get(i), hits));
      }
    }
    found.sort(Comparator.comparingInt(FoundTrigger::hits).reversed());
    return new SuspiciousSegment(
        span.text(context.lm().tokenizer()),
        span.ids(),
        winner.heldOut(),
        context.jointProbability(Trigger.NONE, span, context.prompts().heldOut()),
        context.jointProbability(winner.best().trigger(), span, context.prompts().heldOut()),
        found.subList(0, Math.min(settings.triggers(), found.size())));
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

  /** The common opening of all answers under triggers that elicit the winner's span. */
  private TokenString readSpan(
      Activated winner, List<Trigger> triggers, List<TokenString> answers) {
    List<TokenString> firing = new ArrayList<>();
    for (int i = 0; i < triggers.size(); i++) {
      List<TokenString> hits =
          answersOf(i, answers).stream().filter(a -> a.startsWith(winner.span())).toList();
      if (hits.size() >= settings.functionalRate() * judge.prompts()) {
        firing.addAll(hits);
      }
    }
    TokenString span =
        new ResponseReader(context.settings().span())
            .read(firing, context.settings().decision().hitRate());
    return span.startsWith(winner.span()) ? span : winner.span();
  }

  /** The winner's trigger, then others that share at most half of their tokens. */
  private List<Trigger> collect(Activated winner) {
    List<Scored> pool = new ArrayList<>(atStart(winner));
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
   * Separate searches from different seeds, with the trigger before the user text only. Each leaves
   * its tokens out of the next one's material, so that their triggers differ.
   */
  private List<Scored> atStart(Activated winner) {
    TargetedActivation activation = new TargetedActivation(context);
    BitSet material = context.vocabulary().triggersFor(winner.span());
    Set<TokenString> seeds = new LinkedHashSet<>();
    winner.search().tried().forEach(scored -> seeds.add(scored.trigger().tokens()));
    List<Scored> all = new ArrayList<>();
    for (int lineage = 0; lineage < settings.lineages(); lineage++) {
      List<TokenString> open =
          seeds.stream().filter(seed -> seed.within(material)).limit(settings.seeds()).toList();
      if (open.isEmpty()) {
        return all;
      }
      Search search =
          activation.seed(winner.span(), material, new LinkedHashSet<>(open), Placement.START, 1);
      for (int i = 0; i < settings.survivors().size(); i++) {
        search = activation.grow(search, 1);
      }
      all.add(search.best());
      Arrays.stream(search.best().trigger().tokens().ids()).forEach(material::clear);
      context.clock().at((lineage + 1.0) / settings.lineages(), "functional triggers");
    }
    return all;
  }
}
