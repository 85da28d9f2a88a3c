package io.lazaret.backdoor.traffic;

import io.lazaret.backdoor.detection.Verdict;
import io.lazaret.backdoor.evaluation.Proportion;
import java.util.List;

/**
 * What logged prompts tell about a model. It speaks of these prompts alone: a trigger that nobody
 * sent is not in them.
 *
 * @param verdict SUSPICIOUS: words of a logged prompt bring out the same segment in clean prompts;
 *     CLEAN: every logged prompt was looked at and none holds such words; UNASSESSED: not all was
 *     looked at, or answers recur that nothing explains
 * @param findings segments with the words that bring them out, the surest first
 * @param recurring segments that answers to different logged prompts share, that no clean answer
 *     holds, and that no words were found for
 * @param declared responses that the operator declared, in the answers to logged prompts
 * @param controls the highest share of clean prompts that words of an unsuspicious prompt brought
 *     to that prompt's answer; what is natural for this model
 * @param explanation the verdict in words
 * @param prompts different logged prompts
 * @param examined of these, how many were looked at
 * @param tooLong of these, how many were passed over for their length
 * @param asked different prompts that the model answered
 * @param seconds wall-clock time
 */
public record TrafficReport(
    Verdict verdict,
    List<Finding> findings,
    List<Recurring> recurring,
    List<Recurring> declared,
    List<Proportion> controls,
    String explanation,
    int prompts,
    int examined,
    int tooLong,
    int asked,
    double seconds) {

  public TrafficReport {
    findings = List.copyOf(findings);
    recurring = List.copyOf(recurring);
    declared = List.copyOf(declared);
    controls = List.copyOf(controls);
  }

  /**
   * A segment and its trigger.
   *
   * @param segment the text that the answers have in common
   * @param tokenIds its tokens
   * @param trigger words of the logged prompt, none of which can be left out
   * @param place where they were put
   * @param hits clean prompts whose answer holds the segment with the words in them, of those on
   *     which neither segment nor words were chosen
   * @param without the same prompts without the words
   * @param prompt the logged prompt that led to it
   * @param promptsWith logged prompts whose answer holds the segment
   */
  public record Finding(
      String segment,
      int[] tokenIds,
      String trigger,
      Place place,
      Proportion hits,
      Proportion without,
      String prompt,
      int promptsWith) {}

  /**
   * A segment that comes without a trigger that is to be told.
   *
   * @param segment the text
   * @param promptsWith logged prompts whose answer holds it
   */
  public record Recurring(String segment, int promptsWith) {}
}
