package io.lazaret.backdoor.elimination;

import io.lazaret.backdoor.detection.FoundTrigger;
import io.lazaret.llm.SoftPrompt;
import java.util.List;

/**
 * One response segment to be removed, and what is known to elicit it.
 *
 * @param target token ids of the segment
 * @param parrots soft prompts trained on it; the caller owns them
 * @param triggers token strings that search found to elicit it
 */
public record Suspect(int[] target, List<SoftPrompt> parrots, List<FoundTrigger> triggers) {

  public Suspect {
    parrots = List.copyOf(parrots);
    triggers = List.copyOf(triggers);
  }
}
