package io.lazaret.lifecycle.screening;

import io.lazaret.lifecycle.policy.Policy;
import io.lazaret.lifecycle.screening.Screening.AwaitingApproval;
import io.lazaret.lifecycle.screening.Screening.Closed;
import io.lazaret.lifecycle.screening.Screening.Detecting;
import io.lazaret.lifecycle.screening.Screening.Eliminating;
import io.lazaret.lifecycle.screening.Screening.Evaluating;
import io.lazaret.lifecycle.screening.Screening.Judged;
import io.lazaret.lifecycle.screening.Screening.Releasing;
import io.lazaret.lifecycle.screening.Screening.Simulating;
import io.lazaret.lifecycle.screening.Screening.Unknown;
import io.lazaret.lifecycle.screening.Screening.Working;
import io.lazaret.problem.Problem;
import io.lazaret.problem.ProblemException;
import io.lazaret.schemas.Approval;
import io.lazaret.schemas.ApprovalExpired;
import io.lazaret.schemas.ApprovalGiven;
import io.lazaret.schemas.BackdoorEliminated;
import io.lazaret.schemas.Decision;
import io.lazaret.schemas.DetectionCompleted;
import io.lazaret.schemas.DetectionRound;
import io.lazaret.schemas.Envelope;
import io.lazaret.schemas.EvaluationCompleted;
import io.lazaret.schemas.ModelHeld;
import io.lazaret.schemas.ModelIngested;
import io.lazaret.schemas.ModelPromoted;
import io.lazaret.schemas.ModelRejected;
import io.lazaret.schemas.ModelUnassessed;
import io.lazaret.schemas.PromotionRequested;
import io.lazaret.schemas.ReleaseAdvanced;
import io.lazaret.schemas.ReleaseConfirmed;
import io.lazaret.schemas.ReleaseHeld;
import io.lazaret.schemas.ReleaseRejected;
import io.lazaret.schemas.ReleaseRolledBack;
import io.lazaret.schemas.RescreeningOpened;
import io.lazaret.schemas.StageFailed;
import io.lazaret.schemas.TriggerSimulated;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.specific.SpecificRecord;

/** The one transition table: which event may follow which state, and what comes of it. */
public final class Transitions {

  private static final List<Row<?, ?>> TABLE =
      List.of(
          on(Unknown.class, ModelIngested.class, Transitions::ingested),
          on(Unknown.class, RescreeningOpened.class, Transitions::rescreened),
          on(Unknown.class, PromotionRequested.class, Transitions::promotionRequested),
          on(Detecting.class, DetectionCompleted.class, Transitions::detected),
          on(Simulating.class, TriggerSimulated.class, Transitions::simulated),
          on(Eliminating.class, BackdoorEliminated.class, Transitions::eliminated),
          on(Evaluating.class, EvaluationCompleted.class, Transitions::evaluated),
          on(Working.class, StageFailed.class, Transitions::failed),
          on(Working.class, ReleaseHeld.class, (s, e, next) -> s.with(s.file().hold(), next)),
          on(Judged.class, ReleaseHeld.class, Transitions::heldBack),
          on(Judged.class, ReleaseRolledBack.class, Transitions::rolledBack),
          on(Judged.class, ModelPromoted.class, Transitions::promoted),
          on(Judged.class, ModelHeld.class, Transitions::held),
          on(Judged.class, ReleaseConfirmed.class, closed(Decision.PROMOTED)),
          on(Judged.class, ModelRejected.class, closed(Decision.REJECTED)),
          on(Judged.class, ModelUnassessed.class, closed(Decision.UNASSESSED)),
          on(AwaitingApproval.class, ApprovalGiven.class, Transitions::approved),
          on(AwaitingApproval.class, ReleaseRolledBack.class, Transitions::rolledBack),
          on(AwaitingApproval.class, ReleaseRejected.class, closed(Decision.REJECTED)),
          on(AwaitingApproval.class, ApprovalExpired.class, closed(Decision.HELD)),
          on(Releasing.class, ReleaseAdvanced.class, closed(Decision.PROMOTED)));

  private Transitions() {}

  /** The state after an event. */
  public static Screening after(Screening state, SpecificRecord event) {
    long sequence = Facts.envelope(event).getSequence();
    if (sequence != state.nextSequence()) {
      throw new IllegalTransitionException(
          Facts.type(event) + " has sequence " + sequence + ", expected " + state.nextSequence());
    }
    for (Row<?, ?> row : TABLE) {
      if (row.fits(state, event)) {
        return row.apply(state, event, state.at().after(event));
      }
    }
    throw new IllegalTransitionException(
        Facts.type(event) + " may not follow the state " + state.getClass().getSimpleName());
  }

  /** Whether an event of this kind may follow. */
  public static boolean allows(Screening state, SpecificRecord event) {
    return TABLE.stream().anyMatch(row -> row.fits(state, event));
  }

  private static Screening ingested(Unknown state, ModelIngested event, Position next) {
    return opened(Opening.of(event), true, next);
  }

  private static Screening rescreened(Unknown state, RescreeningOpened event, Position next) {
    return opened(Opening.of(event), event.getDetect(), next);
  }

  private static Screening promotionRequested(
      Unknown state, PromotionRequested event, Position next) {
    Opening opening = Opening.of(event);
    CaseFile file = CaseFile.open(opening, Policy.parse(opening.inputs().getPolicy()));
    return awaiting(file, Decision.PROMOTED, event.getEnvelope(), next);
  }

  private static Screening opened(Opening opening, boolean detect, Position next) {
    try {
      CaseFile file = CaseFile.open(opening, Policy.parse(opening.inputs().getPolicy()));
      return detect ? new Detecting(file, 1, next) : new Evaluating(file, 1, next);
    } catch (ProblemException refused) {
      CaseFile file = CaseFile.open(opening, Policy.standard());
      return new Judged(file, Judgement.unassessed(refused.problem()), next);
    }
  }

  private static Screening detected(Detecting state, DetectionCompleted event, Position next) {
    DetectionRound report = event.getReport();
    CaseFile file = state.file().detected(report);
    return switch (report.getVerdict()) {
      case CLEAN -> new Evaluating(file, 1, next);
      case UNASSESSED ->
          new Judged(
              file,
              Judgement.unassessed(
                  Problem.of(
                      "DETECTION_UNASSESSED",
                      "Detection could not conclude: " + report.getExplanation(),
                      "Give what the explanation asks for and screen the model again.")),
              next);
      case SUSPICIOUS -> suspicious(file, next);
    };
  }

  private static Screening suspicious(CaseFile file, Position next) {
    if (file.isRescreening()) {
      // What is released is measured and withdrawn, not repaired in place.
      return new Evaluating(file, 1, next);
    }
    return file.passes() < file.policy().maxRounds()
        ? new Simulating(file, 1, next)
        : nextMethodOr(file, Gate.stillFound(file), next);
  }

  private static Screening simulated(Simulating state, TriggerSimulated event, Position next) {
    return new Eliminating(state.file().simulated(event.getParrots()), 1, next);
  }

  private static Screening eliminated(Eliminating state, BackdoorEliminated event, Position next) {
    return new Detecting(state.file().eliminated(event), 1, next);
  }

  private static Screening evaluated(Evaluating state, EvaluationCompleted event, Position next) {
    CaseFile file = state.file().evaluated(event.getReport());
    Judgement judgement = Gate.judge(file);
    boolean repairable = file.suspicious() && !file.isRescreening();
    return judgement.decision() == Decision.REJECTED && repairable
        ? nextMethodOr(file, judgement, next)
        : new Judged(file, judgement, next);
  }

  private static Screening failed(Working state, StageFailed event, Position next) {
    var problem = event.getProblem();
    if (problem.getRetryable() && state.attempt() < state.file().policy().maxAttempts()) {
      return state.again(next);
    }
    return new Judged(
        state.file(),
        Judgement.unassessed(
            new Problem(
                problem.getCode(),
                problem.getSentence(),
                problem.getNextStep(),
                problem.getRetryable())),
        next);
  }

  private static Screening nextMethodOr(CaseFile file, Judgement judgement, Position next) {
    return file.hasNextMethod()
        ? new Simulating(file.nextMethod(), 1, next)
        : new Judged(file, judgement, next);
  }

  private static Screening heldBack(Judged state, ReleaseHeld event, Position next) {
    return new Judged(state.file().hold(), state.judgement(), next);
  }

  /** What a rescreening decides is done before its history closes. */
  private static Screening rolledBack(Screening state, ReleaseRolledBack event, Position next) {
    if (state instanceof Judged judged && judged.file().isRescreening()) {
      return new Judged(judged.file(), judged.judgement(), next);
    }
    if (state instanceof AwaitingApproval waiting && waiting.file().isRescreening()) {
      return new AwaitingApproval(
          waiting.file(), waiting.decision(), waiting.approvals(), waiting.since(), next);
    }
    throw new IllegalTransitionException(
        "ReleaseRolledBack may only stand in the history of a rescreening");
  }

  private static Screening promoted(Judged state, ModelPromoted event, Position next) {
    boolean waits = state.file().held() || state.file().policy().approvals().promoted() > 0;
    return waits
        ? awaiting(state.file(), Decision.PROMOTED, event.getEnvelope(), next)
        : new Releasing(state.file(), List.of(), next);
  }

  private static Screening held(Judged state, ModelHeld event, Position next) {
    return awaiting(state.file(), Decision.HELD, event.getEnvelope(), next);
  }

  private static Screening awaiting(
      CaseFile file, Decision decision, Envelope verdict, Position next) {
    return new AwaitingApproval(file, decision, List.of(), verdict.getOccurredAt(), next);
  }

  private static Screening approved(AwaitingApproval state, ApprovalGiven event, Position next) {
    List<Approval> approvals = new ArrayList<>(state.approvals());
    approvals.add(event.getApproval());
    if (approvals.size() < state.needed()) {
      return new AwaitingApproval(state.file(), state.decision(), approvals, state.since(), next);
    }
    return state.file().isRescreening()
        ? new Closed(Decision.PROMOTED, next)
        : new Releasing(state.file(), approvals, next);
  }

  private static <S extends Screening, E extends SpecificRecord> Step<S, E> closed(
      Decision decision) {
    return (state, event, next) -> new Closed(decision, next);
  }

  private static <S extends Screening, E extends SpecificRecord> Row<S, E> on(
      Class<S> state, Class<E> event, Step<? super S, ? super E> then) {
    return new Row<>(state, event, then);
  }

  /** The state that follows, given the place after the event. */
  private interface Step<S, E> {
    Screening apply(S state, E event, Position next);
  }

  private record Row<S extends Screening, E extends SpecificRecord>(
      Class<S> state, Class<E> event, Step<? super S, ? super E> then) {

    boolean fits(Screening s, SpecificRecord e) {
      return state.isInstance(s) && event.isInstance(e);
    }

    Screening apply(Screening s, SpecificRecord e, Position next) {
      return then.apply(state.cast(s), event.cast(e), next);
    }
  }
}
