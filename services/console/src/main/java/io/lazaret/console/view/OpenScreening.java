package io.lazaret.console.view;

import io.lazaret.lifecycle.screening.IllegalTransitionException;
import io.lazaret.lifecycle.screening.Screening;
import io.lazaret.schemas.StageProgress;
import org.apache.avro.specific.SpecificRecord;

/**
 * A screening that something may still happen to.
 *
 * @param row what lists show
 * @param state folded from its events; null where the events do not follow the rules of this
 *     version
 * @param progress the latest heartbeat of the stage at work; null before the first
 */
public record OpenScreening(ScreeningRow row, Screening state, StageProgress progress) {

  OpenScreening after(SpecificRecord event, ScreeningRow next) {
    return new OpenScreening(next, folded(state, event), progress);
  }

  OpenScreening with(StageProgress heartbeat) {
    return new OpenScreening(row, state, heartbeat);
  }

  /**
   * The state after one more event; null where it may not follow, or what came before is unknown.
   */
  static Screening folded(Screening before, SpecificRecord event) {
    if (before == null) {
      return null;
    }
    try {
      return before.after(event);
    } catch (IllegalTransitionException otherRules) {
      return null;
    }
  }

  /** The latest heartbeat, where it is one of the attempt that is awaited. */
  public StageProgress heartbeat() {
    boolean present =
        progress != null
            && progress.getStage().name().equals(row.stage())
            && progress.getRound() == row.round()
            && progress.getAttempt() == row.attempt();
    return present ? progress : null;
  }
}
