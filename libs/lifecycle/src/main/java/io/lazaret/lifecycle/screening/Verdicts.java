package io.lazaret.lifecycle.screening;

import io.lazaret.lifecycle.screening.Screening.Judged;
import io.lazaret.schemas.Decision;
import io.lazaret.schemas.DetectionVerdict;
import io.lazaret.schemas.Envelope;
import io.lazaret.schemas.ModelHeld;
import io.lazaret.schemas.ModelPromoted;
import io.lazaret.schemas.ModelRejected;
import io.lazaret.schemas.ModelUnassessed;
import io.lazaret.schemas.Problem;
import io.lazaret.schemas.ReleaseConfirmed;
import io.lazaret.schemas.Verdict;
import java.time.Duration;
import java.time.Instant;
import org.apache.avro.specific.SpecificRecord;

/** The one terminal event of a screening. */
public final class Verdicts {

  private static final double MILLIS = 1000;

  private Verdicts() {}

  public static SpecificRecord of(Judged state, Envelope envelope) {
    Verdict verdict = verdict(state, envelope.getOccurredAt());
    boolean confirms = state.file().isRescreening();
    envelope.setType(type(verdict.getDecision(), confirms));
    return switch (verdict.getDecision()) {
      case PROMOTED ->
          confirms ? new ReleaseConfirmed(envelope, verdict) : new ModelPromoted(envelope, verdict);
      case HELD -> new ModelHeld(envelope, verdict);
      case REJECTED -> new ModelRejected(envelope, verdict);
      case UNASSESSED -> new ModelUnassessed(envelope, verdict);
    };
  }

  private static String type(Decision decision, boolean confirms) {
    return switch (decision) {
      case PROMOTED -> confirms ? "ReleaseConfirmed" : "ModelPromoted";
      case HELD -> "ModelHeld";
      case REJECTED -> "ModelRejected";
      case UNASSESSED -> "ModelUnassessed";
    };
  }

  private static Verdict verdict(Judged state, Instant now) {
    CaseFile file = state.file();
    Judgement judgement = state.judgement();
    Instant begun = file.opening().envelope().getOccurredAt();
    return Verdict.newBuilder()
        .setScreeningId(file.screeningId())
        .setModel(file.opening().candidate())
        .setDetection(detection(file))
        .setRounds(file.rounds())
        .setElimination(file.elimination())
        .setEvaluation(file.evaluation())
        .setDecision(judgement.decision())
        .setReleased(judgement.decision() == Decision.PROMOTED ? file.current() : null)
        .setRules(judgement.rules())
        .setReasons(judgement.reasons())
        .setProblem(problem(judgement.problem()))
        .setDurationSeconds(Math.max(0, Duration.between(begun, now).toMillis() / MILLIS))
        .build();
  }

  /** What the first pass said of the model as it came in; nothing said is UNASSESSED. */
  private static DetectionVerdict detection(CaseFile file) {
    return file.rounds().isEmpty()
        ? DetectionVerdict.UNASSESSED
        : file.rounds().get(0).getVerdict();
  }

  private static Problem problem(io.lazaret.problem.Problem problem) {
    return problem == null
        ? null
        : new Problem(problem.code(), problem.sentence(), problem.nextStep(), problem.retryable());
  }
}
