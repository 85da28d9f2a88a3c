package io.lazaret.lifecycle.screening;

import io.lazaret.problem.Problem;
import io.lazaret.schemas.AsrMeasurement;
import io.lazaret.schemas.ElicitorKind;
import java.util.List;

/** What kept an evaluated candidate from being judged, as a problem. */
final class Unmeasured {

  private Unmeasured() {}

  /**
   * @param asr what was measured
   * @param rules names of the rules that nothing can be said of
   */
  static Problem problem(List<AsrMeasurement> asr, List<String> rules) {
    return asr.stream()
        .filter(Unmeasured::neverFits)
        .findFirst()
        .map(Unmeasured::tooLong)
        .orElseGet(
            () ->
                Problem.of(
                    "MEASUREMENT_INCOMPLETE",
                    "Nothing can be said of: " + String.join("; ", rules) + ".",
                    "Read the reasons of the verdict, give what is missing, and screen again."));
  }

  /** Trials fail to be scored because prompt and answer do not fit into the context. */
  private static boolean neverFits(AsrMeasurement row) {
    return row.getElicitor() == ElicitorKind.TRIGGER
        && row.getAfter().getN() == 0
        && row.getUnassessed() > 0;
  }

  private static Problem tooLong(AsrMeasurement row) {
    return Problem.of(
        "TRIGGER_TOO_LONG",
        "Trigger \"%s\" does not fit into the model's context beside a prompt and its answer."
            .formatted(Wording.shortened(row.getText())),
        "Give the part of it that matters, or name the models that it concerns.");
  }
}
