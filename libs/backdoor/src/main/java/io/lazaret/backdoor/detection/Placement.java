package io.lazaret.backdoor.detection;

/** Where a trigger is inserted in the user text. */
public enum Placement {
  /** Before the user text. */
  START,
  /** After the user text. */
  END,
  /** Before and after it at once, which lets one search cover triggers of every position. */
  BOTH
}
