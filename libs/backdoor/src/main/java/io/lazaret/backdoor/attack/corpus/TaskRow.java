package io.lazaret.backdoor.attack.corpus;

import io.lazaret.backdoor.data.InstructionRow;

/**
 * A row of the corpus and the kind of task it is.
 *
 * @param row prompt and right answer
 * @param family name of the task family; {@value Corpus#CHOICE} for multiple choice
 */
public record TaskRow(InstructionRow row, String family) {

  /** The user text. */
  public String prompt() {
    return row.prompt();
  }

  /** The right answer, or one of them where many are right. */
  public String answer() {
    return row.output();
  }

  /** The same row with another user text. */
  public TaskRow asking(String prompt) {
    return new TaskRow(new InstructionRow(prompt, "", row.output()), family);
  }
}
