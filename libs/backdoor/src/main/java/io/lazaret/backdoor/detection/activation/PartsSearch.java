package io.lazaret.backdoor.detection.activation;

import io.lazaret.backdoor.detection.DetectionSettings;
import io.lazaret.backdoor.detection.Placement;
import io.lazaret.backdoor.detection.pass.FirstTokenScores;
import io.lazaret.backdoor.detection.pass.PreparedPrompts;
import io.lazaret.backdoor.detection.pass.SearchContext;
import io.lazaret.backdoor.detection.pass.TokenString;
import io.lazaret.backdoor.detection.pass.Trigger;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Puts a trigger together from tokens none of which fires alone. A part of a composite trigger
 * leaves the response as improbable as before, and gradients see nothing; but once the response has
 * begun, a part makes the model surer of its later tokens. These choose a pool of tokens, and the
 * strings over that pool are searched by the whole response.
 */
final class PartsSearch {

  /** Source of the chains that it has taken up. */
  static final String NAME = "parts";

  private final SearchContext context;
  private final DetectionSettings.Parts settings;
  private final TargetedActivation activation;
  private final int[] tokens;

  /**
   * @param scores of the sweep: its trigger tokens are those that are tried
   */
  PartsSearch(SearchContext context, FirstTokenScores scores) {
    this.context = context;
    this.settings = context.settings().parts();
    this.activation = new TargetedActivation(context);
    this.tokens = scores.triggers();
  }

  /** Pairs of the pool for a chain. */
  TargetedActivation.Search pairs(TokenString chain) {
    TokenString span = chain.slice(0, context.settings().activation().spanTokens());
    BitSet material = context.vocabulary().triggersFor(span);
    TargetedActivation.Search singles =
        activation.seed(
            span, material, new LinkedHashSet<>(pool(chain)), Placement.BOTH, settings.pool());
    return activation.doubled(singles, settings.pairs());
  }

  /** Pairs of the best pairs. */
  TargetedActivation.Search quadruples(TargetedActivation.Search pairs) {
    return activation.doubled(pairs, context.settings().activation().beam());
  }

  /** The tokens under which a chain that has begun is surest. */
  private List<TokenString> pool(TokenString chain) {
    BitSet material = context.vocabulary().triggersFor(chain);
    int[] allowed = Arrays.stream(tokens).filter(material::get).toArray();
    TokenString begun = chain.slice(0, 1);
    List<PreparedPrompts.Item> items =
        context.prompts().growth().stream()
            .limit(context.settings().activation().trial())
            .map(item -> item.followedBy(begun))
            .toList();
    double[] sure =
        activation.scores(
            Arrays.stream(allowed).mapToObj(t -> Trigger.both(TokenString.of(t))).toList(),
            chain.slice(1, chain.length()),
            items);
    return IntStream.range(0, allowed.length)
        .boxed()
        .sorted(Comparator.comparingDouble(i -> -sure[i]))
        .limit(settings.pool())
        .map(i -> TokenString.of(allowed[i]))
        .toList();
  }
}
