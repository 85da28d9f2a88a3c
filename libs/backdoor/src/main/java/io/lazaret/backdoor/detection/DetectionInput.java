package io.lazaret.backdoor.detection;

import io.lazaret.backdoor.data.InstructionRow;
import io.lazaret.backdoor.data.PromptTemplate;
import java.util.List;

/**
 * What one pass of detection works with, beside the model.
 *
 * @param template how a prompt is rendered for the model
 * @param prompts clean prompts with answers
 * @param known responses that earlier rounds found; each is looked for again, by the same statistic
 *     and more thoroughly than a blind search can afford
 * @param declared fixed responses that the operator knows and wants, such as a mode's banner or a
 *     refusal; found ones are reported as declared and decide nothing
 * @param refused requests that the model must refuse; a trigger that undoes refusals shows on no
 *     other prompts
 * @param detectors names of the detectors to run, with those that they need; empty: all
 */
public record DetectionInput(
    PromptTemplate template,
    List<InstructionRow> prompts,
    List<Known> known,
    List<String> declared,
    List<String> refused,
    List<String> detectors) {

  /**
   * A response of an earlier round.
   *
   * @param response its token ids
   * @param triggers token ids of the strings that brought it out then: the search begins with them,
   *     since a repair that only weakens a backdoor leaves them its best triggers
   */
  public record Known(int[] response, List<int[]> triggers) {
    public Known {
      triggers = List.copyOf(triggers);
    }
  }

  public DetectionInput {
    prompts = List.copyOf(prompts);
    known = List.copyOf(known);
    declared = List.copyOf(declared);
    refused = List.copyOf(refused);
    detectors = List.copyOf(detectors);
  }

  /** A first round by all detectors: nothing is known, nothing declared. */
  public static DetectionInput blind(PromptTemplate template, List<InstructionRow> prompts) {
    return new DetectionInput(template, prompts, List.of(), List.of(), List.of(), List.of());
  }

  /** The same with responses of earlier rounds. */
  public DetectionInput withKnown(List<Known> responses) {
    return new DetectionInput(template, prompts, responses, declared, refused, detectors);
  }

  /** The same with fixed responses that are wanted. */
  public DetectionInput withDeclared(List<String> responses) {
    return new DetectionInput(template, prompts, known, responses, refused, detectors);
  }

  /** The same with requests that the model must refuse. */
  public DetectionInput withRefused(List<String> requests) {
    return new DetectionInput(template, prompts, known, declared, requests, detectors);
  }

  /** The same by chosen detectors. */
  public DetectionInput withDetectors(List<String> names) {
    return new DetectionInput(template, prompts, known, declared, refused, names);
  }

  /** Whether a declared response holds this text, or the text begins with it. */
  public boolean declares(String text) {
    return declared.stream()
        .map(String::strip)
        .anyMatch(fixed -> fixed.contains(text.strip()) || text.strip().startsWith(fixed));
  }
}
