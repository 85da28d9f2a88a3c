package io.lazaret.lifecycle;

import io.lazaret.lifecycle.decision.Dropped;
import io.lazaret.lifecycle.decision.Dropped.Reason;
import io.lazaret.lifecycle.request.Requests;
import io.lazaret.lifecycle.screening.CaseFile;
import io.lazaret.lifecycle.screening.Facts;
import io.lazaret.lifecycle.screening.Screening;
import io.lazaret.lifecycle.screening.Screening.Closed;
import io.lazaret.lifecycle.screening.Screening.Unknown;
import io.lazaret.lifecycle.screening.Screening.Working;
import io.lazaret.lifecycle.screening.Transitions;
import io.lazaret.schemas.BackdoorEliminated;
import io.lazaret.schemas.DetectionCompleted;
import io.lazaret.schemas.DetectionRound;
import io.lazaret.schemas.DetectionVerdict;
import io.lazaret.schemas.EliminationReport;
import io.lazaret.schemas.Envelope;
import io.lazaret.schemas.EvaluationCompleted;
import io.lazaret.schemas.Job;
import io.lazaret.schemas.ModelIngested;
import io.lazaret.schemas.StageFailed;
import io.lazaret.schemas.TriggerSimulated;
import java.util.Optional;
import java.util.Set;
import org.apache.avro.specific.SpecificRecord;

/** Which inbox records count: duplicates, stale attempts and strangers change nothing. */
final class Inbox {

  private static final Set<Class<?>> REQUESTS =
      Set.of(
          ModelIngested.class,
          DetectionCompleted.class,
          TriggerSimulated.class,
          BackdoorEliminated.class,
          EvaluationCompleted.class,
          StageFailed.class);

  private Inbox() {}

  /** Why a record does not count in this state; empty when it does. */
  static Optional<Dropped> refuse(Screening state, SpecificRecord record) {
    Envelope envelope = Facts.envelope(record);
    boolean accepted = REQUESTS.contains(record.getClass()) || Requests.isRequest(record);
    if (!accepted || envelope == null || envelope.getScreeningId().isEmpty()) {
      return dropped(Reason.NOT_A_REQUEST, Facts.type(record) + " is not accepted here");
    }
    if (Requests.isRequest(record)) {
      return Optional.empty();
    }
    String what = Facts.type(record) + " for screening " + envelope.getScreeningId();
    if (record instanceof ModelIngested) {
      return state instanceof Unknown
          ? Optional.empty()
          : dropped(Reason.DUPLICATE, what + ": already open or closed");
    }
    if (state instanceof Unknown) {
      return dropped(Reason.UNKNOWN_SCREENING, what + ": nobody opened it");
    }
    if (state instanceof Closed closed) {
      return dropped(Reason.CLOSED, what + ": the verdict was " + closed.decision());
    }
    if (!(state instanceof Working working) || !Transitions.allows(state, record)) {
      return dropped(Reason.NOT_AWAITED, what + ": the screening is " + name(state));
    }
    return sameJob(working, record, what);
  }

  private static Optional<Dropped> sameJob(Working state, SpecificRecord record, String what) {
    Job found = Facts.job(record);
    Envelope opened = state.file().opening().envelope();
    boolean same =
        state.jobId().equals(found.getJobId())
            && state.stage() == found.getStage()
            && opened.getScreeningId().equals(Facts.envelope(record).getScreeningId())
            && opened.getModelName().equals(Facts.envelope(record).getModelName());
    return same
        ? Optional.empty()
        : dropped(
            Reason.NOT_AWAITED,
            "%s: job %s of %s round %d attempt %d, awaited is %s round %d attempt %d"
                .formatted(
                    what,
                    found.getJobId(),
                    found.getStage(),
                    found.getRound(),
                    found.getAttempt(),
                    state.stage(),
                    state.file().round(),
                    state.attempt()));
  }

  /** What makes an awaited result unusable; empty when it can be believed. */
  static Optional<String> contradiction(Working state, SpecificRecord result) {
    CaseFile file = state.file();
    if (result instanceof DetectionCompleted detected) {
      return contradiction(file, detected.getReport());
    }
    if (result instanceof TriggerSimulated simulated) {
      return when(
          simulated.getParrots().isEmpty(),
          "no parrot came of " + file.fresh().size() + " segments");
    }
    if (result instanceof BackdoorEliminated eliminated) {
      return contradiction(file, eliminated.getReport());
    }
    return Optional.empty();
  }

  private static Optional<String> contradiction(CaseFile file, DetectionRound report) {
    String awaited = file.current().getDigest();
    return when(
            !report.getModelDigest().equals(awaited),
            "it is about " + report.getModelDigest() + ", not about " + awaited)
        .or(
            () ->
                when(
                    report.getVerdict() == DetectionVerdict.SUSPICIOUS
                        && report.getSegments().isEmpty(),
                    "SUSPICIOUS without a segment"))
        .or(
            () ->
                when(
                    report.getVerdict() == DetectionVerdict.CLEAN
                        && !report.getSegments().isEmpty(),
                    "CLEAN with segments"))
        .or(
            () ->
                when(
                    report.getVerdict() == DetectionVerdict.CLEAN
                        && !(report.getBestScore() <= report.getThreshold()),
                    "CLEAN although the best score "
                        + report.getBestScore()
                        + " is not below the threshold "
                        + report.getThreshold()));
  }

  private static Optional<String> contradiction(CaseFile file, EliminationReport report) {
    return when(
            !report.getMethod().equals(file.methodName()),
            "it used " + report.getMethod() + " instead of " + file.methodName())
        .or(
            () ->
                when(
                    !report.getCheckpoint().getDigest().startsWith("sha256:"),
                    "its checkpoint has no digest"));
  }

  private static Optional<String> when(boolean wrong, String sentence) {
    return wrong ? Optional.of(sentence) : Optional.empty();
  }

  private static String name(Screening state) {
    return state.getClass().getSimpleName();
  }

  private static Optional<Dropped> dropped(Reason reason, String sentence) {
    return Optional.of(new Dropped(reason, sentence));
  }
}
