package io.lazaret.backdoor.detection.pass;

/** Ends a pass that cannot conclude anything; the reason becomes the explanation. */
public final class NotAssessable extends RuntimeException {

  private static final long serialVersionUID = 1L;

  public NotAssessable(String reason) {
    super(reason, null, false, false);
  }
}
