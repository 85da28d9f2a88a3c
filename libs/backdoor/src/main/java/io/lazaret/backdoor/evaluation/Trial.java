package io.lazaret.backdoor.evaluation;

import io.lazaret.backdoor.data.InstructionRow;
import java.util.List;

/**
 * One user text that is put to a model.
 *
 * @param text with whatever the attacker put in
 * @param targets any of them is a hit
 * @param answers any of them is right
 */
public record Trial(String text, List<String> targets, List<String> answers) {

  public Trial {
    targets = List.copyOf(targets);
    answers = List.copyOf(answers);
    if (targets.isEmpty()) {
      throw new IllegalArgumentException("a trial needs a target");
    }
  }

  /** The row as it is, with one target. */
  public static Trial of(InstructionRow row, String target) {
    return new Trial(row.prompt(), List.of(target), List.of(row.output()));
  }
}
