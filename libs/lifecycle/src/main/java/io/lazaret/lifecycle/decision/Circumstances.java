package io.lazaret.lifecycle.decision;

import io.lazaret.lifecycle.release.Releases;
import io.lazaret.schemas.KnownTrigger;
import io.lazaret.schemas.TriggerIntelligence;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.List;

/**
 * What a decision depends on beside the screening itself.
 *
 * @param releases of the model
 * @param intelligence all trigger intelligence
 * @param detector version of the detector that is in use; empty where it is not known
 * @param now time of the decision, cut to milliseconds
 */
public record Circumstances(
    Releases releases, List<TriggerIntelligence> intelligence, String detector, Instant now) {

  public Circumstances {
    intelligence = List.copyOf(intelligence);
    now = now.truncatedTo(ChronoUnit.MILLIS);
  }

  /** The trigger intelligence that concerns the model, in a fixed order. */
  public List<KnownTrigger> concerning() {
    return intelligence.stream()
        .filter(known -> !known.getWithdrawn() && known.getTarget() != null)
        .filter(known -> concerns(known, releases.modelName()))
        .map(known -> new KnownTrigger(known.getTriggerId(), known.getTrigger(), known.getTarget()))
        .sorted(Comparator.comparing(KnownTrigger::getTriggerId))
        .toList();
  }

  private static boolean concerns(TriggerIntelligence known, String model) {
    return known.getConcerns().isEmpty()
        || known.getConcerns().stream().anyMatch(pattern -> matches(pattern, model));
  }

  /** Whether a name fits a pattern in which each "*" stands for any letters. */
  static boolean matches(String pattern, String name) {
    String[] parts = pattern.split("\\*", -1);
    if (parts.length == 1) {
      return pattern.equals(name);
    }
    String first = parts[0];
    String last = parts[parts.length - 1];
    if (!name.startsWith(first) || name.length() < first.length() + last.length()) {
      return false;
    }
    int at = first.length();
    for (int i = 1; i < parts.length - 1; i++) {
      int found = name.indexOf(parts[i], at);
      if (found < 0) {
        return false;
      }
      at = found + parts[i].length();
    }
    return name.endsWith(last) && at <= name.length() - last.length();
  }
}
