package io.lazaret.backdoor.data;

import java.util.Objects;

/**
 * Two answers to one prompt, one of them better.
 *
 * @param prompt the user text, or a dialogue that ends with the user
 * @param chosen the better answer
 * @param rejected the worse one
 */
public record PreferencePair(String prompt, String chosen, String rejected) {

  public PreferencePair {
    Objects.requireNonNull(prompt, "prompt");
    Objects.requireNonNull(chosen, "chosen");
    Objects.requireNonNull(rejected, "rejected");
  }
}
