package io.lazaret.backdoor.detection;

/** Where in an answer a response stands. */
public enum Position {
  /** Before everything else, or alone. */
  START,
  /** Behind the ordinary answer. */
  END
}
