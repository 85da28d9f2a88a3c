package io.lazaret.backdoor.elimination;

import io.lazaret.backdoor.data.InstructionRow;
import io.lazaret.backdoor.data.KnownTrigger;
import io.lazaret.backdoor.data.PromptTemplate;
import java.util.List;

/**
 * What a removal works with.
 *
 * @param rows clean pairs (x, y) of the defender
 * @param suspects segments that detection found; empty for methods that need none
 * @param knownTriggers triggers that the defender holds; only OSFT uses them
 */
public record EliminationInput(
    PromptTemplate template,
    List<InstructionRow> rows,
    List<Suspect> suspects,
    List<KnownTrigger> knownTriggers) {

  public EliminationInput {
    rows = List.copyOf(rows);
    suspects = List.copyOf(suspects);
    knownTriggers = List.copyOf(knownTriggers);
  }
}
