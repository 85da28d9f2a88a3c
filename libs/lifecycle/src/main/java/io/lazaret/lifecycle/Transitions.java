package io.lazaret.lifecycle;

import io.lazaret.lifecycle.Screening.Closed;
import io.lazaret.lifecycle.Screening.Detecting;
import io.lazaret.lifecycle.Screening.Eliminating;
import io.lazaret.lifecycle.Screening.Evaluating;
import io.lazaret.lifecycle.Screening.Judged;
import io.lazaret.lifecycle.Screening.Releasing;
import io.lazaret.lifecycle.Screening.Simulating;
import io.lazaret.lifecycle.Screening.Unknown;
import io.lazaret.lifecycle.Screening.Working;
import io.lazaret.problem.Problem;
import io.lazaret.problem.ProblemException;
import io.lazaret.schemas.BackdoorEliminated;
import io.lazaret.schemas.Decision;
import io.lazaret.schemas.DetectionCompleted;
import io.lazaret.schemas.DetectionRound;
import io.lazaret.schemas.EvaluationCompleted;
import io.lazaret.schemas.ModelHeld;
import io.lazaret.schemas.ModelIngested;
import io.lazaret.schemas.ModelPromoted;
import io.lazaret.schemas.ModelRejected;
import io.lazaret.schemas.ModelUnassessed;
import io.lazaret.schemas.ReleaseAdvanced;
import io.lazaret.schemas.StageFailed;
import io.lazaret.schemas.TriggerSimulated;
import java.util.List;
import java.util.function.BiFunction;
import org.apache.avro.specific.SpecificRecord;

/** The one transition table: which event may follow which state, and what comes of it. */
final class Transitions {

  private static final List<Row<?, ?>> TABLE =
      List.of(
          on(Unknown.class, ModelIngested.class, Transitions::ingested),
          on(Detecting.class, DetectionCompleted.class, Transitions::detected),
          on(Simulating.class, TriggerSimulated.class, Transitions::simulated),
          on(Eliminating.class, BackdoorEliminated.class, Transitions::eliminated),
          on(Evaluating.class, EvaluationCompleted.class, Transitions::evaluated),
          on(Working.class, StageFailed.class, Transitions::failed),
          on(Judged.class, ModelPromoted.class, Transitions::promoted),
          on(Judged.class, ModelHeld.class, (s, e) -> closed(s, Decision.HELD)),
          on(Judged.class, ModelRejected.class, (s, e) -> closed(s, Decision.REJECTED)),
          on(Judged.class, ModelUnassessed.class, (s, e) -> closed(s, Decision.UNASSESSED)),
          on(Releasing.class, ReleaseAdvanced.class, (s, e) -> closed(s, Decision.PROMOTED)));

  private Transitions() {}

  /** The state after an event. */
  static Screening after(Screening state, SpecificRecord event) {
    long sequence = Facts.envelope(event).getSequence();
    if (sequence != state.nextSequence()) {
      throw new IllegalTransitionException(
          Facts.type(event) + " has sequence " + sequence + ", expected " + state.nextSequence());
    }
    return TABLE.stream()
        .filter(row -> row.fits(state, event))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalTransitionException(
                    Facts.type(event)
                        + " may not follow the state "
                        + state.getClass().getSimpleName()))
        .apply(state, event);
  }

  /** Whether an event of this kind may follow. */
  static boolean allows(Screening state, SpecificRecord event) {
    return TABLE.stream().anyMatch(row -> row.fits(state, event));
  }

  private static Screening ingested(Unknown state, ModelIngested event) {
    try {
      Policy policy = Policy.parse(event.getInputs().getPolicy());
      return new Detecting(CaseFile.open(event, policy), 1, 1);
    } catch (ProblemException refused) {
      CaseFile file = CaseFile.open(event, Policy.standard());
      return new Judged(file, Judgement.unassessed(refused.problem()), 1);
    }
  }

  private static Screening detected(Detecting state, DetectionCompleted event) {
    DetectionRound report = event.getReport();
    CaseFile file = state.file().detected(report);
    long next = state.nextSequence() + 1;
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
      case SUSPICIOUS ->
          file.passes() < file.policy().maxRounds()
              ? new Simulating(file, 1, next)
              : nextMethodOr(file, Gate.stillFound(file), next);
    };
  }

  private static Screening simulated(Simulating state, TriggerSimulated event) {
    return new Eliminating(state.file().simulated(event.getParrots()), 1, state.nextSequence() + 1);
  }

  private static Screening eliminated(Eliminating state, BackdoorEliminated event) {
    return new Detecting(state.file().eliminated(event), 1, state.nextSequence() + 1);
  }

  private static Screening evaluated(Evaluating state, EvaluationCompleted event) {
    CaseFile file = state.file().evaluated(event.getReport());
    long next = state.nextSequence() + 1;
    Judgement judgement = Gate.judge(file);
    return judgement.decision() == Decision.REJECTED && file.suspicious()
        ? nextMethodOr(file, judgement, next)
        : new Judged(file, judgement, next);
  }

  private static Screening failed(Working state, StageFailed event) {
    long next = state.nextSequence() + 1;
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

  private static Screening nextMethodOr(CaseFile file, Judgement judgement, long next) {
    return file.hasNextMethod()
        ? new Simulating(file.nextMethod(), 1, next)
        : new Judged(file, judgement, next);
  }

  private static Screening promoted(Judged state, ModelPromoted event) {
    return new Releasing(state.file(), state.nextSequence() + 1);
  }

  private static Screening closed(Screening state, Decision decision) {
    return new Closed(decision, state.nextSequence() + 1);
  }

  private static <S extends Screening, E extends SpecificRecord> Row<S, E> on(
      Class<S> state, Class<E> event, BiFunction<S, E, Screening> then) {
    return new Row<>(state, event, then);
  }

  private record Row<S extends Screening, E extends SpecificRecord>(
      Class<S> state, Class<E> event, BiFunction<S, E, Screening> then) {

    boolean fits(Screening s, SpecificRecord e) {
      return state.isInstance(s) && event.isInstance(e);
    }

    Screening apply(Screening s, SpecificRecord e) {
      return then.apply(state.cast(s), event.cast(e));
    }
  }
}
