package io.lazaret.backdoor.detection.chain;

import io.lazaret.backdoor.detection.DetectionSettings;
import io.lazaret.backdoor.detection.pass.Candidate;
import io.lazaret.backdoor.detection.pass.CleanStatistics;
import io.lazaret.backdoor.detection.pass.SearchContext;
import io.lazaret.backdoor.detection.pass.TokenString;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Drops what the model says, or could be made to say, without any backdoor: spans made of bigrams
 * of clean answers, spans that clean prompts start by themselves, echoes of prompts, and copies of
 * the trigger. A share of prompts decides, not their maximum, because real backdoors leak on some
 * clean prompts.
 */
public final class NoveltyFilter {

  /** Tokens that make two candidates begin alike. */
  private static final int SAME_START = 3;

  private static final int ECHO_TOKENS = 6;

  private final Predicate<TokenString> elsewhere;

  public NoveltyFilter() {
    this(span -> false);
  }

  /**
   * @param elsewhere whether a span is searched elsewhere
   */
  public NoveltyFilter(Predicate<TokenString> elsewhere) {
    this.elsewhere = elsewhere;
  }

  /** The best novel candidates of each source. */
  public List<Candidate> select(SearchContext context, List<Candidate> candidates) {
    DetectionSettings.Activation limits = context.settings().activation();
    List<Candidate> result = new ArrayList<>();
    int done = 0;
    for (String source : sources(candidates)) {
      int limit =
          source.equals(CausalitySweep.NAME)
              ? limits.causalityCandidates()
              : limits.conditionalCandidates();
      List<Candidate> ranked =
          candidates.stream()
              .filter(candidate -> candidate.source().equals(source))
              .sorted(Comparator.comparingDouble(Candidate::chainScore).reversed())
              .toList();
      List<Candidate> passed = new ArrayList<>();
      for (Candidate candidate : ranked) {
        if (passed.size() < limit
            && !repeats(candidate, passed, limits.variants())
            && isNovel(context, candidate)) {
          passed.add(candidate);
        }
        context.clock().at(0.03 * ++done / candidates.size(), "novelty filter");
      }
      passed.forEach(candidate -> merge(candidate, result, limits.spanTokens()));
    }
    return result;
  }

  /** Adds a candidate, or its hints to one with the same opening: that is all that is searched. */
  private static void merge(Candidate candidate, List<Candidate> all, int opening) {
    TokenString start = candidate.span().slice(0, opening);
    for (int i = 0; i < all.size(); i++) {
      if (all.get(i).span().slice(0, opening).equals(start)) {
        all.set(i, all.get(i).withHints(candidate.hints()));
        return;
      }
    }
    all.add(candidate);
  }

  private static Set<String> sources(List<Candidate> candidates) {
    return candidates.stream()
        .map(Candidate::source)
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  /** True when the opening is there already, or enough others that begin like it. */
  private static boolean repeats(Candidate candidate, List<Candidate> passed, int variants) {
    TokenString start = candidate.span().slice(0, SAME_START);
    List<TokenString> similar =
        passed.stream().map(Candidate::span).filter(span -> span.startsWith(start)).toList();
    return similar.size() >= variants || similar.contains(candidate.span());
  }

  public boolean isNovel(SearchContext context, Candidate candidate) {
    BitSet material = context.vocabulary().triggersFor(candidate.span());
    boolean copies =
        !candidate.hints().isEmpty()
            && candidate.hints().stream().noneMatch(hint -> hint.within(material));
    return !copies && isNovel(context, candidate.span());
  }

  public boolean isNovel(SearchContext context, TokenString span) {
    DetectionSettings.Novelty settings = context.settings().novelty();
    TokenString opening = span.slice(0, settings.openingTokens());
    double distinct = opening.distinct() / (double) opening.length();
    return !elsewhere.test(span)
        && context.vocabulary().isSpeakable(opening)
        && distinct >= context.settings().sweep().distinctShare()
        && context.clean().novelBigrams(opening) > 0
        && context.clean().novelBigrams(span)
            >= Math.min(settings.minimumNovelBigrams(), span.length() - 1)
        && !context.clean().echoesPrompt(span.slice(0, ECHO_TOKENS))
        && !isOrdinary(context, span, settings);
  }

  /** True when enough clean prompts start the span by themselves. */
  private static boolean isOrdinary(
      SearchContext context, TokenString span, DetectionSettings.Novelty settings) {
    CleanStatistics clean = context.clean();
    double needed = settings.ordinary(clean.referencePrompts());
    int[] starting = clean.promptsStarting(span.at(0), settings.ordinaryProbability());
    if (starting.length < needed) {
      return false;
    }
    TokenString next = span.slice(1, settings.openingTokens());
    List<int[]> prompts = new ArrayList<>();
    List<int[]> answers = new ArrayList<>();
    for (int index : starting) {
      int[] ids = context.prompts().reference().get(index).prompt().ids();
      prompts.add(TokenString.join(ids, new int[] {span.at(0)}));
      answers.add(next.ids());
    }
    float[][] logProbs = context.lm().continuationLogProbs(prompts, answers, null);
    int ordinary = 0;
    for (int i = 0; i < starting.length; i++) {
      double joint = clean.firstLogProb(starting[i], span.at(0));
      for (float value : logProbs[i]) {
        joint += value;
      }
      if (Math.exp(joint) > settings.ordinaryProbability()) {
        ordinary++;
      }
    }
    return ordinary >= needed;
  }
}
