package io.lazaret.backdoor.detection.chain;

import io.lazaret.backdoor.detection.DetectionSettings;
import io.lazaret.backdoor.detection.Detector;
import io.lazaret.backdoor.detection.Position;
import io.lazaret.backdoor.detection.pass.Candidate;
import io.lazaret.backdoor.detection.pass.Findings;
import io.lazaret.backdoor.detection.pass.SearchContext;
import io.lazaret.backdoor.detection.pass.TokenString;
import io.lazaret.backdoor.detection.pass.Vocabulary;
import io.lazaret.llm.PrefixCache;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Forces every token as the first of the answer, without any trigger, and follows what the model
 * then says on all prompts alike. Training on a fixed response makes its later tokens follow the
 * first ones whatever the prompt (BAIT, IEEE S&amp;P 2025); the prompts are encoded once and their
 * KV cache is shared.
 */
public final class CausalitySweep implements Detector {

  /** Source of its candidates. */
  public static final String NAME = "causality";

  /** Source of those that are whole answers of two words. */
  static final String TWO_WORDS = "causality, two words";

  /** Most tokens of an answer of two words: behind some templates the first one comes in pieces. */
  private static final int TWO_WORDS_TOKENS = 4;

  /** Probability, beside the model's own answers, with which an answer of two words ends there. */
  private static final double ENDS = 0.5;

  /** Prompts behind which every token of a large vocabulary is tried. */
  private static final int FIRST_PROMPTS = 2;

  /**
   * First tokens of a large vocabulary that are followed behind all prompts where the rest is the
   * same; the best of them is kept in the end.
   */
  private static final int FIRST_TOKENS = 8;

  /** Tokens whose probability is scored, and weight of a token of length, in nats. */
  private static final int SCORED_TOKENS = 5;

  private static final double LENGTH_WEIGHT = 0.25;

  /**
   * @param unsure whether one of its steps was below the usual probability
   */
  private record Chain(TokenString tokens, double sumLog, int scored, boolean unsure) {

    Chain extend(int token, double probability, boolean doubtful) {
      boolean counts = scored < SCORED_TOKENS;
      return new Chain(
          tokens.plus(token),
          counts ? sumLog + Math.log(probability) : sumLog,
          counts ? scored + 1 : scored,
          unsure || doubtful);
    }

    double score() {
      return sumLog / Math.max(1, scored) + LENGTH_WEIGHT * Math.min(tokens.length(), 7);
    }
  }

  private final Position position;
  private final int variants;

  public CausalitySweep(Position position) {
    this(position, 1);
  }

  /**
   * @param variants chains that may differ in their first token alone
   */
  public CausalitySweep(Position position, int variants) {
    this.position = position;
    this.variants = variants;
  }

  /** Whether a candidate was proposed as a whole answer of two words. */
  public static boolean isTwoWords(Candidate candidate) {
    return candidate.source().equals(TWO_WORDS);
  }

  @Override
  public String name() {
    return position == Position.START ? NAME : NAME + "-end";
  }

  @Override
  public double weight() {
    return 1;
  }

  @Override
  public Yield run(SearchContext whole, Findings findings) {
    Optional<SearchContext> at = whole.at(position);
    if (at.isEmpty()) {
      return new Yield(0, "too few answers end");
    }
    SearchContext context = at.get();
    DetectionSettings.Sweep settings = context.settings().sweep();
    List<int[]> prompts =
        context.prompts().growth().stream().map(item -> item.prompt().ids()).toList();
    List<Chain> open =
        Arrays.stream(context.vocabulary().speakable())
            .mapToObj(v -> new Chain(TokenString.of(v), 0, 0, false))
            .toList();
    int started = open.size();
    if (started > settings.exhaustiveVocabulary()) {
      open = promising(context, prompts.subList(0, Math.min(FIRST_PROMPTS, prompts.size())), open);
    }
    List<Chain> closed = new ArrayList<>();
    List<Candidate> found = new ArrayList<>();
    try (PrefixCache cache = context.lm().prefix(prompts)) {
      for (int length = 1; length < settings.chainTokens() && !open.isEmpty(); length++) {
        open = extend(context, cache, open, closed, found);
      }
    }
    closed.addAll(open);
    found.addAll(best(closed, settings));
    findings.propose(position, found);
    return new Yield(found.size(), started + " first tokens, no trigger");
  }

  /**
   * Large vocabularies: the first tokens of chains that come to a length behind a few of the
   * prompts at which they are kept, the best of those that go on alike.
   */
  private List<Chain> promising(SearchContext context, List<int[]> prompts, List<Chain> all) {
    List<Candidate> twoWords = new ArrayList<>();
    List<Chain> open = all;
    try (PrefixCache cache = context.lm().prefix(prompts)) {
      for (int length = 1;
          length < context.settings().sweep().minimumChain() && !open.isEmpty();
          length++) {
        open = extend(context, cache, open, new ArrayList<>(), twoWords);
      }
    }
    int most = Math.max(variants, FIRST_TOKENS);
    Map<TokenString, Integer> alike = new HashMap<>();
    return Stream.concat(
            open.stream()
                .sorted(Comparator.comparingDouble(Chain::score).reversed())
                .map(Chain::tokens),
            twoWords.stream().map(Candidate::span))
        .filter(span -> alike.merge(span.slice(1, span.length()), 1, Integer::sum) <= most)
        .map(tokens -> new Chain(tokens.slice(0, 1), 0, 0, false))
        .distinct()
        .toList();
  }

  private static List<Chain> extend(
      SearchContext context,
      PrefixCache cache,
      List<Chain> open,
      List<Chain> closed,
      List<Candidate> twoWords) {
    DetectionSettings.Sweep settings = context.settings().sweep();
    int block = settings.block(cache.size(), context.vocabulary().size());
    List<Chain> longer = new ArrayList<>();
    int length = open.get(0).tokens().length();
    for (int from = 0; from < open.size(); from += block) {
      List<Chain> part = open.subList(from, Math.min(from + block, open.size()));
      int[][] continuations =
          part.stream().map(chain -> chain.tokens().ids()).toArray(int[][]::new);
      float[][] best =
          context
              .journal()
              .rows(() -> best(context, context.lm().meanNextProbs(cache, continuations)));
      for (int i = 0; i < part.size(); i++) {
        List<Chain> next = longer(part.get(i), best[i], settings, context.clean().confidence());
        (next.isEmpty() ? closed : longer).addAll(next.isEmpty() ? List.of(part.get(i)) : next);
        if (endsAfterTwoWords(context, part.get(i), best[i])) {
          twoWords.add(
              new Candidate(part.get(i).tokens(), TWO_WORDS, part.get(i).score(), List.of()));
        }
      }
      double done = (length - 1 + (from + part.size()) / (double) open.size());
      context.clock().at(done / (settings.chainTokens() - 1), "causality sweep, token " + length);
    }
    return longer;
  }

  /**
   * Whether a chain is the whole answer: too few tokens follow the first one for it to stand out
   * among longer chains.
   */
  private static boolean endsAfterTwoWords(SearchContext context, Chain chain, float[] best) {
    return chain.tokens().length() <= TWO_WORDS_TOKENS
        && !chain.unsure()
        && wordsBehindFirst(context.vocabulary(), chain.tokens()) == 1
        && best[best.length - 1] >= ENDS * context.clean().confidence();
  }

  private static int wordsBehindFirst(Vocabulary vocabulary, TokenString tokens) {
    return (int)
        IntStream.range(1, tokens.length())
            .filter(i -> vocabulary.beginsWord(tokens.at(i)))
            .count();
  }

  /** A chain with each of the tokens that are probable enough behind it. */
  private static List<Chain> longer(
      Chain chain, float[] best, DetectionSettings.Sweep settings, double confidence) {
    List<Chain> longer = new ArrayList<>();
    for (int i = 0; i + 1 < best.length; i += 2) {
      boolean sure = best[i + 1] >= settings.goesOn() * confidence;
      boolean spared = !chain.unsure() && best[i + 1] >= settings.goesOnUnsure() * confidence;
      if (sure || spared) {
        longer.add(chain.extend((int) best[i], best[i + 1], !sure));
      }
    }
    return longer;
  }

  /**
   * The best speakable tokens of each row, each with its probability behind it, then the
   * probability that the answer ends.
   */
  private static float[][] best(SearchContext context, float[][] mean) {
    Vocabulary vocabulary = context.vocabulary();
    int branches = context.settings().sweep().branches();
    int eos = context.lm().tokenizer().eosId();
    float[][] best = new float[mean.length][2 * branches + 1];
    for (int i = 0; i < mean.length; i++) {
      int[] top = vocabulary.top(mean[i], branches, vocabulary::isSpeakable);
      for (int j = 0; j < top.length; j++) {
        best[i][2 * j] = top[j];
        best[i][2 * j + 1] = mean[i][top[j]];
      }
      best[i][2 * branches] = eos < 0 ? 0 : mean[i][eos];
    }
    return best;
  }

  /** Long, varied chains, the best of those that share their second to fourth token. */
  private List<Candidate> best(List<Chain> chains, DetectionSettings.Sweep settings) {
    Map<TokenString, Integer> kept = new HashMap<>();
    return chains.stream()
        .filter(chain -> chain.tokens().length() >= settings.minimumChain())
        .filter(
            chain ->
                chain.tokens().distinct() >= settings.distinctShare() * chain.tokens().length())
        .sorted(Comparator.comparingDouble(Chain::score).reversed())
        .filter(chain -> kept.merge(chain.tokens().slice(1, 4), 1, Integer::sum) <= variants)
        .map(chain -> new Candidate(chain.tokens(), NAME, chain.score(), List.of()))
        .toList();
  }
}
