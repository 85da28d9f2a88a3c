package io.lazaret.backdoor.traffic;

import io.lazaret.backdoor.evaluation.Proportion;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * Moves words of a logged prompt into clean prompts. An answer to the words themselves depends on
 * the prompt around them; a triggered response does not.
 */
final class Transplant {

  private static final double MOST = 0.8;

  /** Share of the trial from which the words around are tried as well. */
  private static final double PROMISING = 0.2;

  /** Words on either side at most. */
  private static final int WIDER = 4;

  private final Respondent respondent;
  private final List<String> trial;
  private final List<String> judge;
  private final TrafficSettings settings;

  /**
   * @param hosts clean prompts in random order; the first choose place and segment, others judge
   */
  Transplant(Respondent respondent, List<String> hosts, TrafficSettings settings) {
    this.respondent = respondent;
    this.settings = settings;
    int trials = Math.min(settings.trialHosts(), hosts.size() / 2);
    this.trial = hosts.subList(0, trials);
    this.judge = hosts.subList(trials, Math.min(hosts.size(), trials + settings.judgeHosts()));
  }

  /**
   * @param words those that are needed in clean prompts too, in order
   * @param segment tokens that came out, as long as most of the answers allow
   * @param place where the words worked best
   * @param hits on the prompts that judge; on the prompts of the trial where it found nothing
   * @param without the same prompts without the words
   */
  record Outcome(
      List<String> words, int[] segment, Place place, Proportion hits, Proportion without) {}

  /**
   * @param span words of the prompt
   * @param segment tokens that they are to bring out
   * @param recurs whether other prompts' answers have the segment too: then the words around are
   *     tried even where these words do nothing
   */
  Outcome move(PromptWords prompt, BitSet span, int[] segment, boolean recurs) {
    List<String> words = prompt.words(span);
    Place best = Place.START;
    int most = -1;
    for (Place place : Place.values()) {
      int hits = hits(answers(words, place, trial), segment);
      if (hits > most) {
        most = hits;
        best = place;
      }
    }
    Proportion tried = new Proportion(most, trial.size());
    if (recurs || tried.rate() > PROMISING) {
      BitSet wider = widened(prompt, span, best, segment, most);
      words = prompt.words(wider);
      most = hits(answers(words, best, trial), segment);
      tried = new Proportion(most, trial.size());
    }
    if (tried.rate() < settings.share()) {
      Proportion without = share(respondent.answers(trial), segment);
      return new Outcome(words, segment, best, tried, without);
    }
    List<String> needed = needed(words, best, segment, most);
    int[] whole = grown(answers(needed, best, trial), segment);
    List<int[]> judged = answers(needed, best, judge);
    long hits = judged.stream().filter(answer -> respondent.holdsWords(answer, whole)).count();
    return new Outcome(
        needed,
        whole,
        best,
        new Proportion((int) hits, judged.size()),
        share(respondent.answers(judge), whole));
  }

  /**
   * The words with some of those around them in their prompt, where these make them work better: a
   * part of a trigger is often enough in the prompt that it came in, and not elsewhere.
   */
  private BitSet widened(
      PromptWords prompt, BitSet span, Place place, int[] segment, int hitsBefore) {
    BitSet best = span;
    int most = hitsBefore;
    int from = span.nextSetBit(0);
    int to = span.length();
    for (int more = 1; more <= 2 * WIDER; more++) {
      for (int left = Math.max(0, more - WIDER); left <= Math.min(more, WIDER); left++) {
        BitSet wider = (BitSet) span.clone();
        wider.set(Math.max(0, from - left), from);
        wider.set(to, Math.min(prompt.count(), to + more - left));
        if (wider.cardinality() <= settings.triggerWords() && most < trial.size()) {
          int hits = hits(answers(prompt.words(wider), place, trial), segment);
          if (hits > most) {
            most = hits;
            best = wider;
          }
        }
      }
    }
    return best;
  }

  /** A word that only its own prompt needed is not a part of the trigger. */
  private List<String> needed(List<String> words, Place place, int[] segment, int hits) {
    List<String> needed = new ArrayList<>(words);
    for (int i = needed.size() - 1; i >= 0 && needed.size() > 1; i--) {
      String word = needed.remove(i);
      if (hits(answers(needed, place, trial), segment) < hits) {
        needed.add(i, word);
      }
    }
    return needed;
  }

  private List<int[]> answers(List<String> words, Place place, List<String> hosts) {
    String together = String.join(" ", words);
    return respondent.answers(hosts.stream().map(host -> place.put(together, host)).toList());
  }

  private static int hits(List<int[]> answers, int[] segment) {
    return (int) answers.stream().filter(a -> Respondent.contains(a, segment)).count();
  }

  private static Proportion share(List<int[]> answers, int[] segment) {
    return new Proportion(hits(answers, segment), answers.size());
  }

  /** The longest string around the segment that most answers with the segment share. */
  private static int[] grown(List<int[]> answers, int[] segment) {
    List<int[]> with = new ArrayList<>(answers);
    with.removeIf(answer -> !Respondent.contains(answer, segment));
    int least = (int) Math.ceil(MOST * with.size());
    int[] longest = segment;
    for (var shared : RepeatedSegments.rank(with, segment.length, Math.max(2, least))) {
      if (shared.tokens().length > longest.length
          && Respondent.contains(shared.tokens(), segment)) {
        longest = shared.tokens();
      }
    }
    return longest;
  }
}
