package io.lazaret.backdoor.detection;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Drops what the model says, or could be made to say, without any backdoor: spans made of bigrams
 * of clean answers, spans that clean prompts start by themselves, echoes of prompts, and copies of
 * the trigger. A share of prompts decides, not their maximum, because real backdoors leak on some
 * clean prompts.
 */
final class NoveltyFilter implements CandidateStage {

  private static final int OPENING_PROBED = 3;
  private static final int ECHO_TOKENS = 6;

  private int seen;
  private int kept;

  @Override
  public String name() {
    return "novelty filter";
  }

  @Override
  public String note() {
    return kept + " of " + seen + " chains are novel";
  }

  @Override
  public List<Candidate> run(SearchContext context, List<Candidate> candidates) {
    seen = candidates.size();
    DetectionSettings.Activation limits = context.settings().activation();
    List<Candidate> result = new ArrayList<>();
    int done = 0;
    for (String source : sources(candidates)) {
      int limit =
          source.equals("causality sweep")
              ? limits.causalityCandidates()
              : limits.conditionalCandidates();
      List<Candidate> ranked =
          candidates.stream()
              .filter(candidate -> candidate.source().equals(source))
              .sorted(Comparator.comparingDouble(Candidate::chainScore).reversed())
              .toList();
      List<Candidate> passed = new ArrayList<>();
      for (Candidate candidate : ranked) {
        if (passed.size() < limit && !repeats(candidate, passed) && isNovel(context, candidate)) {
          passed.add(candidate);
        }
        context.clock().at(++done / (double) seen, name());
      }
      result.addAll(passed);
    }
    kept = result.size();
    return result;
  }

  private static Set<String> sources(List<Candidate> candidates) {
    return candidates.stream()
        .map(Candidate::source)
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  private static boolean repeats(Candidate candidate, List<Candidate> passed) {
    return passed.stream()
        .anyMatch(
            other ->
                other
                    .span()
                    .slice(0, OPENING_PROBED)
                    .equals(candidate.span().slice(0, OPENING_PROBED)));
  }

  boolean isNovel(SearchContext context, Candidate candidate) {
    BitSet material = context.vocabulary().triggersFor(candidate.span());
    boolean copies =
        !candidate.hints().isEmpty()
            && candidate.hints().stream().noneMatch(hint -> hint.within(material));
    return !copies && isNovel(context, candidate.span());
  }

  boolean isNovel(SearchContext context, TokenString span) {
    DetectionSettings.Novelty settings = context.settings().novelty();
    TokenString opening = span.slice(0, settings.openingTokens());
    return context.vocabulary().isSpeakable(opening)
        && context.clean().novelBigrams(opening) >= settings.minimumNovelBigrams()
        && !context.clean().echoesPrompt(span.slice(0, ECHO_TOKENS))
        && !isOrdinary(context, span, settings);
  }

  /** True when enough clean prompts start the span by themselves. */
  private static boolean isOrdinary(
      SearchContext context, TokenString span, DetectionSettings.Novelty settings) {
    CleanStatistics clean = context.clean();
    double needed = settings.ordinaryShare() * clean.referencePrompts();
    int[] starting = clean.promptsStarting(span.at(0), settings.ordinaryProbability());
    if (starting.length < needed) {
      return false;
    }
    TokenString next = span.slice(1, OPENING_PROBED);
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
