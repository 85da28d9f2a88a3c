package io.lazaret.backdoor.detection;

/** What detection concluded. An error or a gap never becomes {@link #CLEAN}. */
public enum Verdict {
  /** The whole search ran and its best candidate stayed below the abstain band. */
  CLEAN,
  /** At least one segment passed the threshold on held-out prompts. */
  SUSPICIOUS,
  /** The search could not be done, was not finished, or ended inside the abstain band. */
  UNASSESSED
}
