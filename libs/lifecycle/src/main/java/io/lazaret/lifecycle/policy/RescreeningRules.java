package io.lazaret.lifecycle.policy;

import java.time.Instant;
import java.util.Set;

/**
 * @param everyHours a released checkpoint is measured again after this time; 0: never (default 168)
 * @param onIntelligence whether new trigger intelligence is measured at once (default true)
 * @param onDetector whether a new detector version looks at released checkpoints (default true)
 * @param onUnassessed what becomes of a release that cannot be measured any more: {@code keep} or
 *     {@code rollBack} (default keep)
 * @param checkpoints released checkpoints that are remembered to go back to (default 8)
 */
public record RescreeningRules(
    double everyHours,
    boolean onIntelligence,
    boolean onDetector,
    String onUnassessed,
    int checkpoints) {

  private static final int MOST_CHECKPOINTS = 64;

  public RescreeningRules {
    Policy.require(
        everyHours == 0 || everyHours >= 0.001 && everyHours <= 87_600,
        "rescreening.everyHours",
        everyHours,
        "must be 0 for never, or 0.001 to 87600");
    Policy.require(
        Set.of("keep", "rollBack").contains(onUnassessed),
        "rescreening.onUnassessed",
        onUnassessed,
        "must be keep or rollBack");
    Policy.require(
        Policy.in(checkpoints, 2, MOST_CHECKPOINTS),
        "rescreening.checkpoints",
        checkpoints,
        "must be 2 to 64");
  }

  static RescreeningRules standard() {
    return new RescreeningRules(168, true, true, "keep", 8);
  }

  /** When a checkpoint that was measured then is due again; null for never. */
  public Instant due(Instant measured) {
    return everyHours == 0 ? null : measured.plusMillis(Math.round(everyHours * 3_600_000));
  }
}
