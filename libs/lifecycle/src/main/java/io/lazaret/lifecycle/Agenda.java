package io.lazaret.lifecycle;

import io.lazaret.lifecycle.decision.Circumstances;
import io.lazaret.lifecycle.decision.Consequences;
import io.lazaret.lifecycle.decision.Effects;
import io.lazaret.lifecycle.decision.Recorder;
import io.lazaret.lifecycle.decision.Rescreenings;
import io.lazaret.lifecycle.decision.Rollback;
import io.lazaret.lifecycle.policy.Policy;
import io.lazaret.lifecycle.policy.RescreeningRules;
import io.lazaret.lifecycle.release.Releases;
import io.lazaret.lifecycle.screening.Facts;
import io.lazaret.lifecycle.screening.Screening;
import io.lazaret.lifecycle.screening.Screening.AwaitingApproval;
import io.lazaret.lifecycle.screening.Screening.Working;
import io.lazaret.schemas.ApprovalExpired;
import io.lazaret.schemas.Envelope;
import io.lazaret.schemas.Job;
import io.lazaret.schemas.KnownTrigger;
import io.lazaret.schemas.Problem;
import io.lazaret.schemas.ReleasedCheckpoint;
import io.lazaret.schemas.RescreeningCause;
import io.lazaret.schemas.RescreeningOpened;
import io.lazaret.schemas.StageFailed;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What falls due with time, or because something became known. Pure, as {@link Lifecycle} is. */
public final class Agenda {

  private Agenda() {}

  /**
   * When something has to happen to a screening if nobody answers; empty for never.
   *
   * @param noted when the caller learned that it is in this state, by the caller's own clock: what
   *     workers write into their results is not trusted for this
   */
  public static Optional<Instant> deadline(Screening screening, Instant noted) {
    if (screening instanceof AwaitingApproval waiting) {
      return Optional.of(waiting.until());
    }
    if (screening instanceof Working working) {
      Policy policy = working.file().policy();
      return Optional.of(
          noted
              .plus(policy.backoff().before(working.attempt()))
              .plus(policy.timeouts().of(working.stage())));
    }
    return Optional.empty();
  }

  /** What follows when the deadline of a screening has passed; empty where it has none. */
  public static Optional<Effects> overdue(Screening screening, Circumstances circumstances) {
    if (!(screening instanceof Working || screening instanceof AwaitingApproval)) {
      return Optional.empty();
    }
    Envelope last = Facts.envelope(screening.at().last());
    Recorder recorder = new Recorder(screening, circumstances, last);
    if (screening instanceof Working working) {
      recorder.append(timedOut(recorder, working));
      Consequences.follow(recorder);
    } else if (screening instanceof AwaitingApproval waiting) {
      if (waiting.file().isRescreening()) {
        Rollback.unvouched(
            recorder, waiting, "Nobody vouched for it within the time of the policy.");
      }
      recorder.append(new ApprovalExpired(recorder.decided("ApprovalExpired")));
    }
    return Optional.of(recorder.effects());
  }

  private static StageFailed timedOut(Recorder recorder, Working working) {
    Job job = working.job(null);
    return new StageFailed(
        recorder.decided("StageFailed"),
        job,
        new Problem(
            "STAGE_TIMED_OUT",
            "Nothing came of %s round %d attempt %d within %s."
                .formatted(
                    job.getStage(),
                    job.getRound(),
                    job.getAttempt(),
                    working.file().policy().timeouts().of(job.getStage())),
            "Look for its workers; the policy's timeouts say how long they may take.",
            true));
  }

  /** Rescreenings that are due for the releases of a model, at most one for each checkpoint. */
  public static List<RescreeningOpened> due(Circumstances circumstances) {
    List<RescreeningOpened> due = new ArrayList<>();
    Releases releases = circumstances.releases();
    for (ReleasedCheckpoint checkpoint : releases.register().getCheckpoints()) {
      boolean idle = checkpoint.getRescreening().isEmpty();
      if (idle && !releases.naming(checkpoint.getModel().getDigest()).isEmpty()) {
        due(circumstances, checkpoint).ifPresent(due::add);
      }
    }
    return due;
  }

  private static Optional<RescreeningOpened> due(
      Circumstances circumstances, ReleasedCheckpoint checkpoint) {
    RescreeningRules rules = circumstances.releases().policy(checkpoint).rescreening();
    List<String> unmeasured = unmeasured(circumstances, checkpoint);
    boolean retroHunt =
        rules.onDetector()
            && !circumstances.detector().isEmpty()
            && !checkpoint.getDetector().isEmpty()
            && !circumstances.detector().equals(checkpoint.getDetector());
    Instant next = rules.due(checkpoint.getCheckedAt());
    if (rules.onIntelligence() && !unmeasured.isEmpty()) {
      String reason = "%d known triggers were not measured yet.".formatted(unmeasured.size());
      return Optional.of(
          Rescreenings.opening(
              circumstances, checkpoint, RescreeningCause.INTELLIGENCE, reason, retroHunt));
    }
    if (retroHunt) {
      String reason =
          "Detector %s is in use; %s looked at it."
              .formatted(circumstances.detector(), checkpoint.getDetector());
      return Optional.of(
          Rescreenings.opening(circumstances, checkpoint, RescreeningCause.DETECTOR, reason, true));
    }
    if (next != null && !circumstances.now().isBefore(next)) {
      String reason = "Last measured at " + checkpoint.getCheckedAt() + ".";
      return Optional.of(
          Rescreenings.opening(circumstances, checkpoint, RescreeningCause.SCHEDULE, reason, true));
    }
    return Optional.empty();
  }

  private static List<String> unmeasured(
      Circumstances circumstances, ReleasedCheckpoint checkpoint) {
    Set<String> measured = Set.copyOf(checkpoint.getTriggerIds());
    return circumstances.concerning().stream()
        .map(KnownTrigger::getTriggerId)
        .filter(id -> !measured.contains(id))
        .toList();
  }

  /** When the schedule next concerns a model that nothing else concerns; empty for never. */
  public static Optional<Instant> nextSchedule(Releases releases) {
    return releases.register().getCheckpoints().stream()
        .filter(c -> !releases.naming(c.getModel().getDigest()).isEmpty())
        .map(c -> releases.policy(c).rescreening().due(c.getCheckedAt()))
        .filter(java.util.Objects::nonNull)
        .min(Instant::compareTo);
  }
}
