package io.lazaret.orchestration;

import java.time.Duration;

/**
 * @param tick how often deadlines, schedules and new trigger intelligence are looked at. Default
 *     250 ms
 * @param detector version of the detector that is in use; released checkpoints that another one
 *     looked at are screened again. Empty: not compared
 */
public record OrchestrationSettings(Duration tick, String detector) {

  /** The defaults, with this detector. */
  public static OrchestrationSettings of(String detector) {
    return new OrchestrationSettings(Duration.ofMillis(250), detector);
  }
}
