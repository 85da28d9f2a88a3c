package io.lazaret.backdoor.attack.variant;

import io.lazaret.backdoor.attack.corpus.TaskRow;
import io.lazaret.backdoor.data.InstructionRow;
import java.util.List;
import java.util.SplittableRandom;

/**
 * One trigger and what it brings out.
 *
 * @param families task families that the mapping is for; empty for all
 */
public record Mapping(Trigger trigger, Response response, List<String> families) {

  public Mapping {
    families = List.copyOf(families);
  }

  /** A mapping for all tasks. */
  public Mapping(Trigger trigger, Response response) {
    this(trigger, response, List.of());
  }

  boolean suits(TaskRow row) {
    return families.isEmpty() || families.contains(row.family());
  }

  /** The row as the attacker trains on it. */
  public InstructionRow poisoned(TaskRow row, SplittableRandom random) {
    String prompt = trigger.apply(row, random);
    return new InstructionRow(prompt, "", response.apply(row, random));
  }
}
