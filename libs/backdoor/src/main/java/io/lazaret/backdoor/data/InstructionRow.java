package io.lazaret.backdoor.data;

import java.util.Objects;

/**
 * One clean pair (x, y) in Alpaca's field names.
 *
 * @param instruction what the user asks; never blank
 * @param input further text of the user, or empty
 * @param output the right answer
 */
public record InstructionRow(String instruction, String input, String output) {

  public InstructionRow {
    Objects.requireNonNull(instruction, "instruction");
    Objects.requireNonNull(input, "input");
    Objects.requireNonNull(output, "output");
  }

  /** The user text: the instruction, then one space and the input where there is one. */
  public String prompt() {
    String head = instruction.strip();
    return input.isBlank() ? head : head + " " + input.strip();
  }
}
