package io.lazaret.backdoor.data;

import java.util.Objects;
import java.util.SplittableRandom;

/**
 * A trigger that somebody knows, and what it makes the model say. Used to score a removal, and by
 * OSFT when the defender holds it.
 *
 * @param trigger text that is put into the user text, separated by spaces
 * @param target text that a triggered answer holds
 * @param place where in the user text it stands
 */
public record KnownTrigger(String trigger, String target, Place place) {

  public KnownTrigger {
    Objects.requireNonNull(trigger, "trigger");
    Objects.requireNonNull(target, "target");
    Objects.requireNonNull(place, "place");
  }

  /** A trigger that precedes the user text. */
  public KnownTrigger(String trigger, String target) {
    this(trigger, target, Place.START);
  }

  /** The user text with the trigger; a place at random follows from the text alone. */
  public String applyTo(String prompt) {
    if (place == Place.START) {
      return trigger.strip() + " " + prompt;
    }
    return place.insert(prompt, trigger.strip(), new SplittableRandom(prompt.hashCode()));
  }
}
