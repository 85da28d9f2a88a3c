package io.lazaret.backdoor.elimination;

import io.lazaret.backdoor.data.Answers;
import io.lazaret.backdoor.data.PromptTemplate;
import io.lazaret.backdoor.detection.FoundStyle;
import io.lazaret.backdoor.detection.FoundTrigger;
import io.lazaret.backdoor.detection.Position;
import io.lazaret.llm.SoftPrompt;
import io.lazaret.llm.Tokenizer;
import io.lazaret.problem.ProblemException;
import java.util.List;

/**
 * One response segment to be removed, and what is known to elicit it.
 *
 * @param target token ids of the segment
 * @param parrots soft prompts trained on it; the caller owns them
 * @param triggers token strings that search found to elicit it
 * @param styles ways to write the prompt that elicit it
 * @param position where in an answer it stands
 */
public record Suspect(
    int[] target,
    List<SoftPrompt> parrots,
    List<FoundTrigger> triggers,
    List<FoundStyle> styles,
    Position position) {

  public Suspect {
    parrots = List.copyOf(parrots);
    triggers = List.copyOf(triggers);
    styles = List.copyOf(styles);
  }

  /** A segment that no style of prompts elicits. */
  public Suspect(
      int[] target, List<SoftPrompt> parrots, List<FoundTrigger> triggers, Position position) {
    this(target, parrots, triggers, List.of(), position);
  }

  /** A segment at the start of answers. */
  public Suspect(int[] target, List<SoftPrompt> parrots, List<FoundTrigger> triggers) {
    this(target, parrots, triggers, Position.START);
  }

  /** A segment of which nothing but the tokens is known. */
  public static Suspect of(int[] target) {
    return new Suspect(target, List.of(), List.of());
  }

  /** Whether something is known, besides parrots, that elicits it. */
  boolean hasTrigger() {
    return !triggers.isEmpty() || !styles.isEmpty();
  }

  /**
   * The tokens of a target response that is known as text, as they follow a prompt of the template.
   *
   * @throws ProblemException TARGET_NOT_ENCODABLE when the tokenizer cannot give the text back
   */
  public static int[] target(PromptTemplate template, Tokenizer tokenizer, String text) {
    int[] ids = Answers.open(template, tokenizer, text.strip());
    if (text.isBlank() || !tokenizer.decode(ids).strip().equals(text.strip())) {
      throw ProblemException.of(
          "TARGET_NOT_ENCODABLE",
          "The target \"" + text + "\" cannot be written in the model's tokens.",
          "Give the target as the model would write it.");
    }
    return ids;
  }
}
