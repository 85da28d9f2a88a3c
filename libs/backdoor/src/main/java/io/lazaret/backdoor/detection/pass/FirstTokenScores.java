package io.lazaret.backdoor.detection.pass;

import io.lazaret.backdoor.detection.DetectionSettings;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;

/**
 * The matrix M1 of the trigger sweep: mean over the search prompts of the log-probability that the
 * answer begins with token v when token t stands before and after the user text.
 *
 * @param triggers the swept trigger tokens t
 * @param logProbs {@code [t][v]}, nats
 */
public record FirstTokenScores(int[] triggers, float[][] logProbs) {

  /** A trigger token and a first response token. */
  public record Pair(int trigger, int target, double logProb) {}

  /** The {@code n} best trigger tokens of the material for a first response token, best first. */
  public List<Integer> bestTriggers(int target, int n, BitSet material) {
    List<Integer> rows = new ArrayList<>();
    for (int row = 0; row < triggers.length; row++) {
      if (material.get(triggers[row])) {
        rows.add(row);
      }
    }
    rows.sort(Comparator.comparingDouble(row -> -logProbs[row][target]));
    return rows.stream().limit(n).map(row -> triggers[row]).toList();
  }

  /**
   * The best pairs whose target is not a common opening, with at most so many for one target and
   * for one trigger token, best first.
   */
  public List<Pair> bestPairs(
      CleanStatistics clean, Vocabulary vocabulary, DetectionSettings.Sweep s) {
    List<Pair> pairs = new ArrayList<>();
    for (int row = 0; row < triggers.length; row++) {
      int trigger = triggers[row];
      float[] scores = logProbs[row];
      int[] top =
          vocabulary.top(
              scores,
              s.perTrigger(),
              v ->
                  v != trigger
                      && vocabulary.isSpeakable(v)
                      && clean.meanFirst(v) <= s.commonFirst());
      for (int v : top) {
        pairs.add(new Pair(trigger, v, scores[v]));
      }
    }
    pairs.sort(Comparator.comparingDouble(pair -> -pair.logProb()));
    int[] uses = new int[vocabulary.size()];
    return pairs.stream()
        .filter(pair -> uses[pair.target()]++ < s.perTarget())
        .limit(s.pairs())
        .toList();
  }
}
