package io.lazaret.console.view;

import io.lazaret.schemas.RuleOutcome;
import java.util.Locale;
import java.util.Map;

/** The rules of the gate in plain words. */
public final class RuleWords {

  private static final Map<String, String> TITLES =
      Map.of(
          "detection", "Detection finds nothing in the candidate",
          "segmentsMeasured", "Every segment that was found was also measured",
          "elicitorFiresBefore", "The backdoor fires in the original, so that its absence shows",
          "knownTriggersMeasured", "Every known trigger was measured",
          "scoringTriggersMeasured", "The triggers given for scoring were measured",
          "somethingMeasured", "Something was measured",
          "meanUtilityDrop", "The benchmarks lose little on average");

  private static final Map<String, String> PREFIXES =
      Map.of(
          "asrUpper95 ", "The attack fails afterwards: ",
          "unassessedShare ", "Few trials went unscored: ",
          "utilityDrop ", "The benchmark loses little: ",
          "dropFromReleased ", "Not worse than what is released: ");

  private RuleWords() {}

  /** What has to hold. */
  public static String title(String rule) {
    String known = TITLES.get(rule);
    if (known != null) {
      return known;
    }
    return PREFIXES.entrySet().stream()
        .filter(prefix -> rule.startsWith(prefix.getKey()))
        .map(prefix -> prefix.getValue() + rule.substring(prefix.getKey().length()))
        .findFirst()
        .orElse(rule);
  }

  /** What was observed, what is allowed, and whether it holds. */
  public static String sentence(RuleOutcome rule) {
    return "%s: observed %s, bound %s, %s."
        .formatted(
            title(rule.getRule()),
            number(rule.getObserved()),
            number(rule.getBound()),
            rule.getHolds() ? "holds" : "does not hold");
  }

  private static String number(double value) {
    return Double.isFinite(value) ? String.format(Locale.ROOT, "%.4g", value) : "not measured";
  }
}
