package io.lazaret.backdoor.traffic;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * Finds words of a prompt of which none can be left out without losing a segment of the answer:
 * delta debugging (Zeller and Hildebrandt, IEEE TSE 28, 2002, "ddmin", complements only). The words
 * need not be neighbours.
 */
final class TriggerReduction {

  private TriggerReduction() {}

  /** The indices of the words that are needed; all of them where the prompt itself fails. */
  static BitSet reduce(PromptWords prompt, int[] segment, Respondent respondent) {
    BitSet kept = prompt.all();
    int parts = 2;
    while (kept.cardinality() > 1) {
      List<BitSet> smaller = complements(kept, Math.min(parts, kept.cardinality()));
      List<int[]> answers = respondent.answers(smaller.stream().map(prompt::keep).toList());
      int works = 0;
      while (works < answers.size() && !Respondent.contains(answers.get(works), segment)) {
        works++;
      }
      if (works < smaller.size()) {
        kept = smaller.get(works);
        parts = Math.max(2, parts - 1);
      } else if (parts >= kept.cardinality()) {
        return kept;
      } else {
        parts *= 2;
      }
    }
    return kept;
  }

  private static List<BitSet> complements(BitSet kept, int parts) {
    int[] indices = kept.stream().toArray();
    List<BitSet> complements = new ArrayList<>();
    for (int part = 0; part < parts; part++) {
      BitSet without = (BitSet) kept.clone();
      for (int i = part * indices.length / parts; i < (part + 1) * indices.length / parts; i++) {
        without.clear(indices[i]);
      }
      complements.add(without);
    }
    return complements;
  }
}
