package io.lazaret.backdoor.detection.activation;

import io.lazaret.backdoor.detection.DetectionSettings;
import io.lazaret.backdoor.detection.Placement;
import io.lazaret.backdoor.detection.pass.PreparedPrompts;
import io.lazaret.backdoor.detection.pass.SearchContext;
import io.lazaret.backdoor.detection.pass.TokenString;
import io.lazaret.backdoor.detection.pass.Trigger;
import io.lazaret.llm.Example;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Grows a discrete trigger for a given span, token by token. Gradients with respect to the one-hot
 * input propose tokens (appended, prepended, substituted), a forward pass scores them exactly.
 */
public final class TargetedActivation {

  private final SearchContext context;
  private final DetectionSettings.Activation settings;

  public TargetedActivation(SearchContext context) {
    this.context = context;
    this.settings = context.settings().activation();
  }

  /** A trigger and the mean log-probability per token that it gives the span on growth prompts. */
  public record Scored(Trigger trigger, double score) {}

  /**
   * @param span what is to be elicited
   * @param material tokens that a trigger may use
   * @param beam the best triggers of the current length, best first
   * @param tried every trigger that was scored, best first
   */
  public record Search(TokenString span, BitSet material, List<Scored> beam, List<Scored> tried) {

    Scored best() {
      return beam.get(0);
    }

    private Search next(List<Scored> scored, int beamSize) {
      List<Scored> all = new ArrayList<>(tried);
      all.addAll(scored);
      all.sort(Comparator.comparingDouble(Scored::score).reversed());
      return new Search(span, material, all.stream().limit(beamSize).toList(), List.copyOf(all));
    }
  }

  /** The span's opening after a trigger, supervised on the opening. */
  public static Example example(Trigger trigger, TokenString span, PreparedPrompts.Item item) {
    int[] prompt = trigger.in(item.prompt());
    int[] ids = TokenString.join(prompt, span.ids());
    return new Example(ids, prompt.length, ids.length);
  }

  /** Scores the seeds that the material allows and starts a beam from the best of them. */
  public Search seed(
      TokenString span, BitSet material, Set<TokenString> seeds, Placement placement, int beam) {
    List<Trigger> triggers =
        seeds.stream()
            .filter(tokens -> tokens.within(material))
            .map(tokens -> new Trigger(tokens, placement))
            .toList();
    return new Search(span, material, List.of(), List.of()).next(score(triggers, span), beam);
  }

  /**
   * One more round: every trigger of the beam is changed or made longer by one token. A search that
   * has found a sure trigger stays as it is.
   */
  public Search grow(Search search, int beam) {
    if (search.best().score() >= settings.enough()) {
      return search;
    }
    Set<Trigger> proposals = new LinkedHashSet<>();
    for (Scored parent : search.beam()) {
      proposals.addAll(propose(parent.trigger(), search));
    }
    search.tried().forEach(scored -> proposals.remove(scored.trigger()));
    return search.next(score(List.copyOf(proposals), search.span()), beam);
  }

  /** Every trigger of the beam with every other one behind it. */
  Search doubled(Search search, int beam) {
    Set<Trigger> proposals = new LinkedHashSet<>();
    for (Scored first : search.beam()) {
      TokenString start = first.trigger().tokens();
      search.beam().stream()
          .map(second -> second.trigger().tokens())
          .filter(second -> !second.sharesTokenWith(start))
          .forEach(second -> proposals.add(first.trigger().withTokens(start.plus(second))));
    }
    search.tried().forEach(scored -> proposals.remove(scored.trigger()));
    return search.next(score(List.copyOf(proposals), search.span()), beam);
  }

  /** The children of one trigger that the gradient favours. */
  private Set<Trigger> propose(Trigger trigger, Search search) {
    TokenString span = search.span();
    BitSet material = search.material();
    Set<Trigger> proposals = new LinkedHashSet<>();
    int length = trigger.tokens().length();
    int dummy = dummy(material);
    Trigger appended = trigger.withTokens(trigger.tokens().plus(dummy));
    List<int[]> changed = context.journal().tokens(() -> best(appended, span, material));
    for (int position = 0; position <= length; position++) {
      TokenString base = position == length ? appended.tokens() : trigger.tokens();
      for (int token : changed.get(position)) {
        proposals.add(trigger.withTokens(base.with(position, token)));
      }
    }
    Trigger prepended = trigger.withTokens(TokenString.of(dummy).plus(trigger.tokens()));
    List<int[]> first =
        context
            .journal()
            .tokens(() -> List.of(best(gains(prepended, span)[0], settings.prepend(), material)));
    for (int token : first.get(0)) {
      proposals.add(trigger.withTokens(prepended.tokens().with(0, token)));
    }
    proposals.remove(trigger);
    return proposals;
  }

  /** The tokens that the gradient favours in each place of a trigger, the last one appended. */
  private List<int[]> best(Trigger appended, TokenString span, BitSet material) {
    float[][] gains = gains(appended, span);
    int last = appended.tokens().length() - 1;
    List<int[]> tokens = new ArrayList<>();
    for (int position = 0; position <= last; position++) {
      int count = position == last ? settings.append() : settings.substitute();
      tokens.add(best(gains[position], count, material));
    }
    return tokens;
  }

  /** Mean over the growth prompts of the log-probabilities after a trigger and a beginning. */
  public float[] next(Trigger trigger, TokenString beginning) {
    List<PreparedPrompts.Item> items = context.prompts().growth();
    List<int[]> sequences =
        items.stream()
            .map(item -> TokenString.join(trigger.in(item.prompt()), beginning.ids()))
            .toList();
    return context.lm().meanNextLogProbs(sequences, items.size())[0];
  }

  private int dummy(BitSet material) {
    int[] tokens = material.stream().toArray();
    return tokens[context.random().nextInt(tokens.length)];
  }

  private int[] best(float[] gains, int count, BitSet material) {
    return context.vocabulary().top(gains, count, material::get);
  }

  private float[][] gains(Trigger trigger, TokenString span) {
    List<PreparedPrompts.Item> items = context.prompts().growth();
    List<Example> batch = items.stream().map(item -> example(trigger, span, item)).toList();
    List<int[][]> slots = new ArrayList<>();
    for (int index = 0; index < trigger.tokens().length(); index++) {
      int position = index;
      slots.add(
          items.stream()
              .map(item -> trigger.positions(item.prompt(), position))
              .toArray(int[][]::new));
    }
    return context.lm().substitutionScores(batch, slots);
  }

  /** Scores all triggers on a few prompts, then the best of them on all growth prompts. */
  private List<Scored> score(List<Trigger> triggers, TokenString span) {
    List<PreparedPrompts.Item> growth = context.prompts().growth();
    int survivors = Math.max(settings.seeds(), (int) (settings.trialShare() * triggers.size()));
    if (triggers.size() <= survivors || growth.size() <= settings.trial()) {
      return score(triggers, span, growth);
    }
    List<Trigger> best =
        score(triggers, span, growth.subList(0, settings.trial())).stream()
            .sorted(Comparator.comparingDouble(Scored::score).reversed())
            .limit(survivors)
            .map(Scored::trigger)
            .toList();
    return score(best, span, growth);
  }

  private List<Scored> score(
      List<Trigger> triggers, TokenString span, List<PreparedPrompts.Item> items) {
    double[] means = scores(triggers, span, items);
    return IntStream.range(0, means.length)
        .mapToObj(i -> new Scored(triggers.get(i), means[i]))
        .toList();
  }

  /** Mean log-probability per token of the span under each trigger, in blocks. */
  double[] scores(List<Trigger> triggers, TokenString span, List<PreparedPrompts.Item> items) {
    int block = Math.max(1, context.settings().sweep().blockSequences() / items.size());
    double[] scores = new double[triggers.size()];
    for (int from = 0; from < scores.length; from += block) {
      List<Trigger> part = triggers.subList(from, Math.min(from + block, scores.length));
      double[] means = context.meanLogProbs(part, span, items);
      System.arraycopy(means, 0, scores, from, means.length);
    }
    return scores;
  }
}
