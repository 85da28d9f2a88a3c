package io.lazaret.bench.detection;

import io.lazaret.backdoor.data.InstructionRow;
import io.lazaret.backdoor.data.PromptFile;
import io.lazaret.backdoor.data.PromptTemplate;
import io.lazaret.bench.ChildMain;
import io.lazaret.llm.CausalLm;
import io.lazaret.llm.PrefixCache;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Sweeps a share of the vocabulary: the mean distribution behind every candidate over some prompts,
 * with the prompts run once or once for every candidate. Answers {@code run N}.
 */
public final class SweepChild {

  private static final int BLOCK = 64;

  private SweepChild() {}

  /** Arguments: "cached" or "plain", model directory, prompts file, prompts, candidates. */
  public static void main(String[] args) throws Exception {
    boolean cached = args[0].equals("cached");
    CausalLm lm = CausalLm.open(Path.of(args[1]));
    PromptTemplate template = PromptTemplate.of(null, lm.tokenizer());
    List<int[]> prompts =
        PromptFile.read(Path.of(args[2])).stream()
            .limit(Integer.parseInt(args[3]))
            .map(InstructionRow::prompt)
            .map(text -> template.render(lm.tokenizer(), text).ids())
            .toList();
    int candidates = Math.min(Integer.parseInt(args[4]), lm.config().vocabSize());
    ChildMain.serve(
        Map.of("candidates", candidates),
        line -> {
          double sum = 0;
          for (int i = ChildMain.repetitions(line); i > 0; i--) {
            sum = cached ? cached(lm, prompts, candidates) : plain(lm, prompts, candidates);
          }
          return Map.of("highest", sum);
        });
  }

  private static double cached(CausalLm lm, List<int[]> prompts, int candidates) {
    double highest = Double.NEGATIVE_INFINITY;
    try (PrefixCache cache = lm.prefix(prompts)) {
      for (int from = 0; from < candidates; from += BLOCK) {
        int[][] block = new int[Math.min(BLOCK, candidates - from)][];
        for (int i = 0; i < block.length; i++) {
          block[i] = new int[] {from + i};
        }
        highest = Math.max(highest, highest(lm.meanNextLogProbs(cache, block)));
      }
    }
    return highest;
  }

  private static double plain(CausalLm lm, List<int[]> prompts, int candidates) {
    double highest = Double.NEGATIVE_INFINITY;
    for (int from = 0; from < candidates; from += BLOCK) {
      List<int[]> sequences = new ArrayList<>();
      for (int candidate = from; candidate < Math.min(candidates, from + BLOCK); candidate++) {
        for (int[] prompt : prompts) {
          int[] longer = java.util.Arrays.copyOf(prompt, prompt.length + 1);
          longer[prompt.length] = candidate;
          sequences.add(longer);
        }
      }
      highest = Math.max(highest, highest(lm.meanNextLogProbs(sequences, prompts.size())));
    }
    return highest;
  }

  private static double highest(float[][] rows) {
    double highest = Double.NEGATIVE_INFINITY;
    for (float[] row : rows) {
      for (float value : row) {
        highest = Math.max(highest, value);
      }
    }
    return highest;
  }
}
