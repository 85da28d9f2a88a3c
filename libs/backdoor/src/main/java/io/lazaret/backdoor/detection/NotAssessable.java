package io.lazaret.backdoor.detection;

/** Ends a pass that cannot conclude anything; the reason becomes the explanation. */
final class NotAssessable extends RuntimeException {

  private static final long serialVersionUID = 1L;

  NotAssessable(String reason) {
    super(reason, null, false, false);
  }
}
