package io.lazaret.backdoor.detection;

import io.lazaret.backdoor.detection.pass.Findings;
import io.lazaret.backdoor.detection.pass.SearchContext;
import java.util.Set;

/**
 * One way of looking for backdoors. A pass runs detectors one after the other on the same model and
 * prompts, under one seed and one budget of time; each adds to the findings, and may build on those
 * of the detectors that it needs.
 */
public interface Detector {

  /** Name on the command line and in the evidence. */
  String name();

  /** Detectors that must have run before; none unless it says so. */
  default Set<String> needs() {
    return Set.of();
  }

  /** Its part of a pass's time, relative to others: spreads the progress. */
  double weight();

  /**
   * Looks, and adds what it found.
   *
   * @param context the model, the prompts divided by use, settings, randomness and the clock
   * @param findings candidates, scores and segments so far
   * @return what it did, for the evidence
   */
  Yield run(SearchContext context, Findings findings);

  /**
   * @param candidates what it handed on
   * @param note what it did, in words
   */
  record Yield(int candidates, String note) {}
}
