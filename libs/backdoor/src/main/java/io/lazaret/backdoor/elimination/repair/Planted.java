package io.lazaret.backdoor.elimination.repair;

import io.lazaret.backdoor.Checkpoints;
import io.lazaret.backdoor.data.Answers;
import io.lazaret.backdoor.data.TokenizedPrompt;
import io.lazaret.backdoor.elimination.training.CleanRows;
import io.lazaret.backdoor.elimination.training.CleanRows.Row;
import io.lazaret.backdoor.elimination.training.Elicitors;
import io.lazaret.backdoor.elimination.training.Pace;
import io.lazaret.backdoor.elimination.training.Trained;
import io.lazaret.backdoor.elimination.training.WeightUpdates;
import io.lazaret.backdoor.evaluation.Elicitor;
import io.lazaret.llm.CausalLm;
import io.lazaret.llm.Example;
import io.lazaret.llm.Tokenizer;
import io.lazaret.llm.training.ResumableRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * A backdoor that the defender plants, to learn from what it does to the weights.
 *
 * @param trigger random tokens, put before the user text
 * @param target random tokens, put before the answer
 */
record Planted(Elicitor.Tokens trigger, int[] target) {

  private static final int[] NOTHING = {};

  /** A fresh pair of random ordinary tokens. */
  static Planted draw(Tokenizer tokenizer, int triggerTokens, int targetTokens, RandomGenerator r) {
    int[] trigger = tokens(tokenizer, triggerTokens, r);
    return new Planted(new Elicitor.Tokens(trigger, NOTHING), tokens(tokenizer, targetTokens, r));
  }

  private static int[] tokens(Tokenizer tokenizer, int count, RandomGenerator random) {
    int[] ids = new int[count];
    for (int i = 0; i < count; i++) {
      do {
        ids[i] = random.nextInt(tokenizer.vocabSize());
      } while (tokenizer.isSpecial(ids[i]) || tokenizer.piece(ids[i]).isBlank());
    }
    return ids;
  }

  /**
   * Fine-tunes on clean rows and, for a share of them, on the poisoned twin. With no pairs it is
   * the same run, row for row, without the poison.
   *
   * @param share of rows that carry a pair, 0 to 1
   */
  static void implant(
      CausalLm lm,
      Trained trained,
      Checkpoints checkpoints,
      CleanRows rows,
      List<Planted> pairs,
      double share,
      Pace pace,
      long seed) {
    ResumableRandom random = new ResumableRandom(seed);
    try (WeightUpdates updates =
        WeightUpdates.begin(lm, trained, pace.schedule(), seed, random, checkpoints)) {
      while (updates.goOn(pace.steps())) {
        List<Example> batch = new ArrayList<>();
        for (Row row : rows.draw(random, pace.batchSize())) {
          // Both are drawn in every case, so that runs with and without pairs see the same rows.
          boolean poisoned = random.nextDouble() < share;
          int which = random.nextInt(Math.max(1, pairs.size()));
          batch.add(
              poisoned && !pairs.isEmpty()
                  ? pairs.get(which).poisoned(rows, row)
                  : CleanRows.clean(row));
        }
        updates.step(lm.backward(batch, null, 1.0));
      }
    }
  }

  private Example poisoned(CleanRows rows, Row row) {
    TokenizedPrompt prompt = rows.elicitedPrompt(row, trigger, target.length);
    int[] answer = Elicitors.join(target, row.answer());
    return Answers.example(prompt, answer, Math.min(answer.length, rows.room(prompt)));
  }
}
