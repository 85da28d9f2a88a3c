package io.lazaret.backdoor.detection;

import java.util.List;

/**
 * A span of response that is improbable on every clean prompt and nearly certain under some token
 * string.
 *
 * @param text the span as text, without surrounding white space
 * @param tokenIds the whole span, from the first answer token to the last token that does not
 *     depend on the prompt
 * @param score held-out activation: mean log-probability (nats per token) of the span's opening
 *     under the best trigger; 0 is certainty
 * @param probabilityClean probability that the answer begins with the segment, mean over held-out
 *     prompts without a trigger
 * @param probabilityElicited the same under the best functional trigger
 * @param functionalTriggers what elicits it, best first
 */
public record SuspiciousSegment(
    String text,
    int[] tokenIds,
    double score,
    double probabilityClean,
    double probabilityElicited,
    List<FoundTrigger> functionalTriggers) {

  public SuspiciousSegment {
    functionalTriggers = List.copyOf(functionalTriggers);
  }
}
