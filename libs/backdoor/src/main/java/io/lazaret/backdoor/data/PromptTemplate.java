package io.lazaret.backdoor.data;

import io.lazaret.llm.Encoded;
import io.lazaret.llm.Tokenizer;
import io.lazaret.problem.ProblemException;

/** How a user text becomes the prompt of an instruction-tuned model. */
public final class PromptTemplate {

  private static final String PLACE = "{prompt}";

  private final String before;
  private final String after;

  /**
   * @param pattern the prompt with {@code {prompt}} where the user text goes, exactly once
   * @throws ProblemException TEMPLATE_INVALID
   */
  public PromptTemplate(String pattern) {
    int place = pattern.indexOf(PLACE);
    if (place < 0 || pattern.indexOf(PLACE, place + 1) >= 0) {
      throw ProblemException.of(
          "TEMPLATE_INVALID",
          "The template has " + (place < 0 ? "no " : "more than one ") + PLACE + ".",
          "Write " + PLACE + " once, where the user text goes.");
    }
    before = pattern.substring(0, place);
    after = pattern.substring(place + PLACE.length());
  }

  /** The template of the SANDE experiments: "Human: {prompt}\nAssistant:". */
  public static PromptTemplate humanAssistant() {
    return new PromptTemplate("Human: {prompt}\nAssistant:");
  }

  /** The pattern that this template was made from. */
  public String pattern() {
    return before + PLACE + after;
  }

  /** The whole prompt as text. */
  public String text(String prompt) {
    return before + prompt + after;
  }

  /**
   * The whole prompt as tokens, encoded in one piece so that the ids are those the model was
   * trained on. A token that carries text of both the template and the user counts as user text at
   * the start (" What" after "Human:") and as template at the end ("?\n").
   */
  public TokenizedPrompt render(Tokenizer tokenizer, String prompt) {
    Encoded encoded = tokenizer.encodeWithSpans(text(prompt));
    int from = before.length();
    int to = from + prompt.length();
    int[] ends = encoded.ends();
    int start = 0;
    while (start < ends.length && ends[start] <= from) {
      start++;
    }
    int end = start;
    while (end < ends.length && ends[end] <= to && ends[end] > encoded.starts()[end]) {
      end++;
    }
    return new TokenizedPrompt(encoded.ids(), start, end);
  }
}
