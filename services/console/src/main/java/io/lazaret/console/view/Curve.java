package io.lazaret.console.view;

import io.lazaret.schemas.StageProgress;
import java.util.ArrayList;
import java.util.List;

/**
 * How a figure of a training went, as its heartbeats told.
 *
 * @param label what the figure is, e.g. "parrot loss"
 * @param points fraction of the stage, value, time in milliseconds since 1970
 */
public record Curve(
    String jobId, String stage, int round, int attempt, String label, List<double[]> points) {

  /** Points kept; when there are more, every second one goes. */
  static final int MOST_POINTS = 500;

  static Curve begin(StageProgress progress) {
    return new Curve(
        progress.getJobId(),
        progress.getStage().name(),
        progress.getRound(),
        progress.getAttempt(),
        progress.getFigure(),
        new ArrayList<>());
  }

  /** The curve with the heartbeat's figure. */
  Curve with(StageProgress progress) {
    List<double[]> more = new ArrayList<>(points);
    more.add(
        new double[] {
          progress.getFraction(), progress.getValue(), progress.getOccurredAt().toEpochMilli()
        });
    if (more.size() > MOST_POINTS) {
      List<double[]> kept = new ArrayList<>();
      for (int i = 0; i < more.size(); i += 2) {
        kept.add(more.get(i));
      }
      more = kept;
    }
    return new Curve(jobId, stage, round, attempt, label, more);
  }
}
