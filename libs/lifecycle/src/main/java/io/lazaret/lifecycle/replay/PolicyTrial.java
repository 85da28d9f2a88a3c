package io.lazaret.lifecycle.replay;

import io.lazaret.lifecycle.policy.Policy;
import io.lazaret.lifecycle.screening.Facts;
import io.lazaret.lifecycle.screening.IllegalTransitionException;
import io.lazaret.lifecycle.screening.Position;
import io.lazaret.lifecycle.screening.Screening;
import io.lazaret.lifecycle.screening.Screening.Judged;
import io.lazaret.lifecycle.screening.Screening.Unknown;
import io.lazaret.lifecycle.screening.Screening.Working;
import io.lazaret.lifecycle.screening.Transitions;
import io.lazaret.schemas.BackdoorEliminated;
import io.lazaret.schemas.Decision;
import io.lazaret.schemas.Job;
import io.lazaret.schemas.ModelIngested;
import io.lazaret.schemas.RescreeningOpened;
import io.lazaret.schemas.StageFailed;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;

/**
 * What a recorded screening would have come to under another policy, from the same measurements.
 *
 * @param screeningId the screening
 * @param modelName its model
 * @param recorded the verdict that was given; empty where none was yet
 * @param decided the verdict under the other policy; empty where the record does not hold what the
 *     policy would have asked for
 * @param reasons why, for a person
 */
public record PolicyTrial(
    String screeningId,
    String modelName,
    Optional<Decision> recorded,
    Optional<Decision> decided,
    List<String> reasons) {

  /** Whether a verdict was given and another one would be. */
  public boolean differs() {
    return recorded.isPresent() && decided.isPresent() && !recorded.equals(decided);
  }

  /** Tries a policy on the history of a screening, from its first event. */
  public static PolicyTrial of(Policy policy, List<? extends SpecificRecord> history) {
    Optional<Decision> recorded =
        history.stream()
            .map(Facts::verdict)
            .filter(verdict -> verdict != null)
            .map(verdict -> verdict.getDecision())
            .findFirst();
    Deque<SpecificRecord> results = new ArrayDeque<>();
    history.stream().filter(event -> Facts.job(event) != null).forEach(results::add);
    Screening state = next(new Unknown(), under(policy, history.get(0)));
    List<String> reasons = new ArrayList<>();
    while (state instanceof Working working) {
      SpecificRecord result = results.poll();
      Optional<String> missing = missing(working, result);
      if (missing.isPresent()) {
        reasons.add(missing.get());
        break;
      }
      state = next(state, result);
    }
    Optional<Decision> decided = Optional.empty();
    if (state instanceof Judged judged) {
      decided = Optional.of(judged.judgement().decision());
      reasons.addAll(judged.judgement().reasons());
    }
    var envelope = Facts.envelope(history.get(0));
    return new PolicyTrial(
        envelope.getScreeningId(), envelope.getModelName(), recorded, decided, reasons);
  }

  private static SpecificRecord under(Policy policy, SpecificRecord opening) {
    SpecificRecord copy = Facts.at(Position.START, opening);
    if (copy instanceof ModelIngested ingested) {
      ingested.getInputs().setPolicy(policy.canonicalJson());
    } else if (copy instanceof RescreeningOpened opened) {
      opened.getInputs().setPolicy(policy.canonicalJson());
    } else {
      throw new IllegalTransitionException("a screening begins with " + Facts.type(opening));
    }
    return copy;
  }

  private static Screening next(Screening state, SpecificRecord event) {
    return Transitions.after(state, Facts.at(state.at(), event));
  }

  /** What the policy would have asked for and nobody did; empty where the result answers it. */
  private static Optional<String> missing(Working working, SpecificRecord result) {
    Job wanted = working.job(null);
    String asked = wanted.getStage() + " round " + wanted.getRound();
    if (result == null) {
      return Optional.of("The policy would go on with " + asked + ", which was not run.");
    }
    Job found = Facts.job(result);
    boolean answers = result instanceof StageFailed || Transitions.allows(working, result);
    boolean same = found.getStage() == wanted.getStage() && found.getRound() == wanted.getRound();
    if (!answers || !same) {
      return Optional.of(
          "The policy would ask for %s; %s round %d was run."
              .formatted(asked, found.getStage(), found.getRound()));
    }
    if (result instanceof BackdoorEliminated eliminated
        && !eliminated.getReport().getMethod().equals(working.file().methodName())) {
      return Optional.of(
          "The policy would use %s; %s was run."
              .formatted(working.file().methodName(), eliminated.getReport().getMethod()));
    }
    return Optional.empty();
  }
}
