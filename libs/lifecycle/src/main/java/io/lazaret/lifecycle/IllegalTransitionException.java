package io.lazaret.lifecycle;

/**
 * A history that the transition table does not allow: it was damaged, or written by other rules.
 */
public final class IllegalTransitionException extends IllegalStateException {

  private static final long serialVersionUID = 1L;

  IllegalTransitionException(String message) {
    super(message);
  }
}
