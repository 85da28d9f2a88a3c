package io.lazaret.backdoor.detection.activation;

import io.lazaret.backdoor.detection.Calibration;
import io.lazaret.backdoor.detection.chain.CausalitySweep;
import io.lazaret.backdoor.detection.pass.Candidate;
import io.lazaret.backdoor.detection.pass.TokenString;
import java.util.Arrays;

/**
 * A candidate with the best trigger found for it.
 *
 * @param candidate the candidate; the part of its span that was activated is {@link #span}
 * @param search every trigger tried
 * @param best the trigger with the highest held-out activation
 * @param heldOut that activation: mean log-probability per token, nats
 * @param byLength held-out activation after the first, second, … round of the search
 * @param untriggered mean probability of the span's tokens without a trigger, on held-out prompts
 * @param memory {@link Calibration#memory} of these
 */
public record Activated(
    Candidate candidate,
    TargetedActivation.Search search,
    TargetedActivation.Scored best,
    double heldOut,
    double[] byLength,
    double[] untriggered,
    double memory) {

  public TokenString span() {
    return search.span();
  }

  /**
   * The activation by which it is judged beside chains of more tokens. That an answer of two words
   * ends there is one more token of it, which is sure, as the later tokens of a longer chain are.
   */
  double[] judgedByLength() {
    if (!CausalitySweep.isTwoWords(candidate)) {
      return byLength;
    }
    double share = span().length() / (span().length() + 1.0);
    return Arrays.stream(byLength).map(value -> share * value).toArray();
  }

  /** What decides whether the candidate goes on: {@link Calibration#standing}. */
  double standing() {
    return Calibration.standing(heldOut, memory);
  }
}
