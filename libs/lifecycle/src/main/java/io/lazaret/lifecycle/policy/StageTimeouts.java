package io.lazaret.lifecycle.policy;

import io.lazaret.schemas.Stage;
import java.time.Duration;

/**
 * Time from a command to its result, waiting for a worker included. A stage that exceeds it fails
 * with STAGE_TIMED_OUT and is tried again.
 *
 * @param detectionSeconds default 86400
 * @param simulationSeconds default 86400
 * @param eliminationSeconds default 86400
 * @param evaluationSeconds default 86400
 */
public record StageTimeouts(
    double detectionSeconds,
    double simulationSeconds,
    double eliminationSeconds,
    double evaluationSeconds) {

  private static final double LONGEST = 30 * 86_400;

  public StageTimeouts {
    check("timeouts.detectionSeconds", detectionSeconds);
    check("timeouts.simulationSeconds", simulationSeconds);
    check("timeouts.eliminationSeconds", eliminationSeconds);
    check("timeouts.evaluationSeconds", evaluationSeconds);
  }

  private static void check(String key, double seconds) {
    Policy.require(
        seconds > 0 && seconds <= LONGEST, key, seconds, "must be above 0 and at most 30 days");
  }

  static StageTimeouts standard() {
    return new StageTimeouts(86_400, 86_400, 86_400, 86_400);
  }

  /** The limit of a stage. */
  public Duration of(Stage stage) {
    double seconds =
        switch (stage) {
          case DETECTION -> detectionSeconds;
          case SIMULATION -> simulationSeconds;
          case ELIMINATION -> eliminationSeconds;
          case EVALUATION -> evaluationSeconds;
          case INGESTION -> LONGEST;
        };
    return Duration.ofMillis(Math.round(seconds * 1000));
  }
}
