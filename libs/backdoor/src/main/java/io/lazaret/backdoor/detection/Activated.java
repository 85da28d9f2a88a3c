package io.lazaret.backdoor.detection;

/**
 * A candidate with the best trigger found for it.
 *
 * @param candidate the candidate; the part of its span that was activated is {@link #span}
 * @param search every trigger tried
 * @param best the trigger with the highest held-out activation
 * @param heldOut that activation: mean log-probability per token, nats
 */
record Activated(
    Candidate candidate,
    TargetedActivation.Search search,
    TargetedActivation.Scored best,
    double heldOut) {

  TokenString span() {
    return search.span();
  }
}
