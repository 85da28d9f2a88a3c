package io.lazaret.backdoor.elimination;

/** What a method cannot do without, beside clean rows. */
public enum Need {
  /** A known trigger, or a functional one that detection found. */
  TRIGGER,
  /** A response segment that detection found. */
  TARGET,
  /** A parrot that simulation trained on a segment. */
  PARROT,
  /** The model from which the suspicious one was fine-tuned. */
  ANCESTOR
}
