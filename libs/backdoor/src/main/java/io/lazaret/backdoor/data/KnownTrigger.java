package io.lazaret.backdoor.data;

import java.util.Objects;

/**
 * A trigger that somebody knows, and what it makes the model say. Used to score a removal, and by
 * OSFT when the defender holds it.
 *
 * @param trigger text that precedes the user text, separated by one space
 * @param target text that a triggered answer begins with
 */
public record KnownTrigger(String trigger, String target) {

  public KnownTrigger {
    Objects.requireNonNull(trigger, "trigger");
    Objects.requireNonNull(target, "target");
  }

  /** The user text with the trigger before it. */
  public String applyTo(String prompt) {
    return trigger.strip() + " " + prompt;
  }
}
