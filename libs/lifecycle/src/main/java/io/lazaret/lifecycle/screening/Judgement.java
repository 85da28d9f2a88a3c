package io.lazaret.lifecycle.screening;

import io.lazaret.problem.Problem;
import io.lazaret.schemas.Decision;
import io.lazaret.schemas.RuleOutcome;
import java.util.List;

/**
 * A decision and why.
 *
 * @param decision what becomes of the model
 * @param rules every rule that was applied, whether it holds or not
 * @param reasons sentences for a person
 * @param problem what kept the model from being assessed; null otherwise
 */
public record Judgement(
    Decision decision, List<RuleOutcome> rules, List<String> reasons, Problem problem) {

  public Judgement {
    rules = List.copyOf(rules);
    reasons = List.copyOf(reasons);
  }

  static Judgement unassessed(Problem problem) {
    return new Judgement(
        Decision.UNASSESSED,
        List.of(),
        List.of(problem.sentence(), "What could not be measured stays in quarantine."),
        problem);
  }
}
