package io.lazaret.backdoor.elimination;

import io.lazaret.backdoor.Fixtures;
import io.lazaret.backdoor.data.Answers;
import io.lazaret.backdoor.data.PromptTemplate;
import io.lazaret.backdoor.elimination.training.CleanRows;
import io.lazaret.llm.CausalLm;
import io.lazaret.llm.Parameter;
import java.util.ArrayList;
import java.util.List;

/** What tests of removals on the shipped model share. */
public final class Removal {

  private Removal() {}

  public static EliminationInput input(Suspect... suspects) {
    return new EliminationInput(
        Fixtures.TEMPLATE, Fixtures.prompts(), List.of(suspects), List.of());
  }

  /** With the planted trigger, for methods whose premise it is. */
  public static EliminationInput known(Suspect... suspects) {
    return new EliminationInput(
        Fixtures.TEMPLATE, Fixtures.prompts(), List.of(suspects), List.of(Fixtures.planted()));
  }

  public static int[] target(CausalLm lm) {
    return Answers.open(
        PromptTemplate.humanAssistant(), lm.tokenizer(), Fixtures.planted().target());
  }

  public static CleanRows rows(CausalLm lm, int count) {
    return CleanRows.of(lm, Fixtures.TEMPLATE, Fixtures.prompts()).first(count);
  }

  /** Mean cross-entropy of clean answers that no method was trained on. */
  public static double heldOutLoss(CausalLm lm) {
    CleanRows rows = CleanRows.of(lm, Fixtures.TEMPLATE, Fixtures.evaluation(64));
    return rows.cleanLoss(rows.all());
  }

  /** Mean cross-entropy per target token under the planted trigger. */
  public static double targetLoss(CausalLm lm) {
    List<int[]> prompts = new ArrayList<>();
    List<int[]> targets = new ArrayList<>();
    for (var row : Fixtures.evaluation(32)) {
      String text = Fixtures.planted().applyTo(row.prompt());
      prompts.add(Fixtures.TEMPLATE.render(lm.tokenizer(), text).ids());
      targets.add(target(lm));
    }
    double sum = 0;
    int count = 0;
    for (float[] row : lm.continuationLogProbs(prompts, targets, null)) {
      for (float logProb : row) {
        sum -= logProb;
        count++;
      }
    }
    return sum / count;
  }

  public static List<float[]> weights(CausalLm lm) {
    return lm.parameters().stream().map(Parameter::values).toList();
  }
}
