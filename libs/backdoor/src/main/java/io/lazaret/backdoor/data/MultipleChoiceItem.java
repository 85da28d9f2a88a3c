package io.lazaret.backdoor.data;

import java.util.List;

/**
 * One multiple-choice question.
 *
 * @param question the question, without its options
 * @param choices 2 to 26 options, in the order of their letters
 * @param answer index of the right option
 * @param keyedByLetter whether the file names its options A, B, … and not 1, 2, …
 */
public record MultipleChoiceItem(
    String question, List<String> choices, int answer, boolean keyedByLetter) {

  /** Options have letters A to Z. */
  public static final int MAX_CHOICES = 26;

  public MultipleChoiceItem {
    choices = List.copyOf(choices);
    if (choices.size() < 2 || choices.size() > MAX_CHOICES) {
      throw new IllegalArgumentException(choices.size() + " choices, 2 to 26 are possible");
    }
    if (answer < 0 || answer >= choices.size()) {
      throw new IllegalArgumentException(
          "answer " + answer + " names none of the " + choices.size() + " choices");
    }
  }

  /** A question whose options are named by letters. */
  public MultipleChoiceItem(String question, List<String> choices, int answer) {
    this(question, choices, answer, true);
  }

  /** The letter of option {@code index}: A for 0. */
  public static String letter(int index) {
    return String.valueOf((char) ('A' + index));
  }

  /**
   * The question with its options inline, closing in "Your answer is:", as the zero-shot benchmarks
   * of the SANDE experiments ask it.
   */
  public String prompt() {
    StringBuilder text = new StringBuilder(question.strip());
    for (int i = 0; i < choices.size(); i++) {
      text.append(' ').append(letter(i)).append(". ").append(choices.get(i).strip());
    }
    return text.append(" Your answer is:").toString();
  }
}
