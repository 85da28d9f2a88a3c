package io.lazaret.backdoor.detection.pass;

import io.lazaret.backdoor.Progress;
import io.lazaret.backdoor.detection.Evidence;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/** Times the stages, spreads their progress over the whole pass, and ends it at its budget. */
public final class StageClock {

  private final InstantSource time;
  private final Instant start;
  private final double budgetSeconds;
  private final Progress progress;
  private final List<Evidence.Stage> finished = new ArrayList<>();
  private String name = "preparation";
  private Instant stageStart;
  private double from;
  private double to;
  private double reached;

  public StageClock(InstantSource time, double budgetSeconds, Progress progress) {
    this.time = time;
    this.start = time.instant();
    this.stageStart = start;
    this.budgetSeconds = budgetSeconds;
    this.progress = progress;
  }

  /** Starts a stage that takes the pass from fraction {@code from} to fraction {@code to}. */
  public void begin(String stage, double from, double to) {
    this.name = stage;
    this.from = from;
    this.to = to;
    this.stageStart = time.instant();
    at(0, stage);
  }

  /** Reports {@code fraction} of the current stage; throws when the budget is spent. */
  public void at(double fraction, String message) {
    if (seconds() > budgetSeconds) {
      throw new NotAssessable(
          "The time budget of %.0f s ran out in stage '%s'. Give it more time, or a faster device."
              .formatted(budgetSeconds, name));
    }
    reached = Math.max(reached, from + (to - from) * Math.min(1, Math.max(0, fraction)));
    progress.at(reached, message);
  }

  /** Ends the current stage. */
  public void end(int candidates, String note) {
    finished.add(new Evidence.Stage(name, secondsSince(stageStart), candidates, note));
    at(1, name);
  }

  public double seconds() {
    return secondsSince(start);
  }

  public List<Evidence.Stage> stages() {
    return List.copyOf(finished);
  }

  private double secondsSince(Instant instant) {
    return Duration.between(instant, time.instant()).toNanos() / 1e9;
  }
}
