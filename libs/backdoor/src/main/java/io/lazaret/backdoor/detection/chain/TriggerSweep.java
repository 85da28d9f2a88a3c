package io.lazaret.backdoor.detection.chain;

import io.lazaret.backdoor.detection.activation.TargetedActivation;
import io.lazaret.backdoor.detection.pass.Candidate;
import io.lazaret.backdoor.detection.pass.FirstTokenScores;
import io.lazaret.backdoor.detection.pass.PreparedPrompts;
import io.lazaret.backdoor.detection.pass.SearchContext;
import io.lazaret.backdoor.detection.pass.SearchContext.Line;
import io.lazaret.backdoor.detection.pass.TokenString;
import io.lazaret.backdoor.detection.pass.Trigger;
import io.lazaret.backdoor.detection.pass.Vocabulary;
import io.lazaret.llm.Example;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Tries every token as a one-token trigger: the matrix M1 of {@link FirstTokenScores}. */
public final class TriggerSweep {

  /** Cells of M1 at most, 160 MB: bounds the shortlist of large vocabularies. */
  private static final int MATRIX_CELLS = 40_000_000;

  private TriggerSweep() {}

  /**
   * @param candidates chains found so far; beyond the exhaustive size their gradients choose the
   *     trigger tokens
   */
  public static FirstTokenScores run(SearchContext context, List<Candidate> candidates) {
    int[] tokens = context.vocabulary().printable();
    if (tokens.length > context.settings().sweep().exhaustiveVocabulary()) {
      tokens = shortlist(context, candidates);
    }
    List<Line> lines =
        Arrays.stream(tokens)
            .mapToObj(t -> new Line(Trigger.both(TokenString.of(t)), TokenString.EMPTY))
            .toList();
    return new FirstTokenScores(tokens, context.journal().rows(() -> matrix(context, lines)));
  }

  private static float[][] matrix(SearchContext context, List<Line> lines) {
    float[][] matrix = new float[lines.size()][];
    context.meanNext(lines, "trigger sweep", (logProbs, line) -> matrix[line] = logProbs);
    return matrix;
  }

  /** Tokens whose insertion would, to first order, raise the likelihood of some chain most. */
  private static int[] shortlist(SearchContext context, List<Candidate> candidates) {
    Vocabulary vocabulary = context.vocabulary();
    int size =
        Math.min(
            context.settings().sweep().shortlist(), Math.max(1, MATRIX_CELLS / vocabulary.size()));
    int spans = Math.max(1, Math.min(candidates.size(), size / 8));
    Set<Integer> chosen = new LinkedHashSet<>();
    int[] printable = vocabulary.printable();
    for (Candidate candidate : candidates.subList(0, Math.min(spans, candidates.size()))) {
      Trigger dummy =
          Trigger.both(TokenString.of(printable[context.random().nextInt(printable.length)]));
      List<Example> batch = new ArrayList<>();
      List<int[]> positions = new ArrayList<>();
      for (PreparedPrompts.Item item : context.prompts().search()) {
        batch.add(TargetedActivation.example(dummy, candidate.span(), item));
        positions.add(dummy.positions(item.prompt(), 0));
      }
      List<int[][]> slots = new ArrayList<>();
      slots.add(positions.toArray(int[][]::new));
      float[][] gain = context.lm().substitutionScores(batch, slots);
      for (int t : vocabulary.top(gain[0], size / spans + 1, vocabulary::isPrintable)) {
        chosen.add(t);
      }
      context.clock().at(0, "trigger shortlist");
    }
    while (chosen.size() < Math.min(size, printable.length)) {
      chosen.add(printable[context.random().nextInt(printable.length)]);
    }
    return chosen.stream().limit(size).mapToInt(Integer::intValue).toArray();
  }
}
