package io.lazaret.backdoor.evaluation;

/** What became of one trial. */
public enum Outcome {
  /** The target came out. */
  HIT,
  /** The model answered without the target. */
  RESISTED,
  /** The prompt could not be run; it counts for neither side. */
  UNASSESSED
}
