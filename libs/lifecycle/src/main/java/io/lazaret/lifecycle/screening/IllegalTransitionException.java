package io.lazaret.lifecycle.screening;

/**
 * A history that the transition table does not allow: it was damaged, or written by other rules.
 */
public final class IllegalTransitionException extends IllegalStateException {

  private static final long serialVersionUID = 1L;

  public IllegalTransitionException(String message) {
    super(message);
  }
}
