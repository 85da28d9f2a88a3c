package io.lazaret.backdoor.detection;

import java.util.List;

/**
 * The numbers behind a verdict. Plain records, strings, numbers and lists, so that any JSON binding
 * serialises it as it stands.
 *
 * @param settings the settings of the pass
 * @param seed the seed of the pass
 * @param prompts what the prompts were used for
 * @param stages time and yield of each stage, in order
 * @param candidates the candidates that were activated, best held-out score first
 * @param bestScore highest held-out activation
 * @param threshold scores above it are suspicious
 * @param margin {@code bestScore - threshold}; negative on a clean model
 * @param seconds wall-clock time of the pass
 */
public record Evidence(
    DetectionSettings settings,
    long seed,
    Prompts prompts,
    List<Stage> stages,
    List<Measured> candidates,
    double bestScore,
    double threshold,
    double margin,
    double seconds) {

  public Evidence {
    stages = List.copyOf(stages);
    candidates = List.copyOf(candidates);
  }

  /**
   * @param given rows handed in
   * @param reference rows of the clean statistics
   * @param search rows on which triggers were searched
   * @param heldOut rows on which they were judged
   * @param cleanLoss mean cross-entropy (nats per token) of the given answers
   */
  public record Prompts(int given, int reference, int search, int heldOut, double cleanLoss) {}

  /**
   * @param name the stage
   * @param seconds wall-clock time
   * @param candidates candidates that it handed on
   * @param note what it did, in words
   */
  public record Stage(String name, double seconds, int candidates, String note) {}

  /**
   * One candidate span with its best trigger.
   *
   * @param text the span as text
   * @param tokenIds the span that was activated (an opening; the whole span stands in the segment)
   * @param source the stage that proposed it
   * @param chainScore the proposing stage's score
   * @param trigger the best trigger as text
   * @param triggerIds the best trigger's tokens
   * @param placement where it was inserted
   * @param searchScore mean log-probability per token on the search prompts
   * @param score held-out activation: the same on held-out prompts
   * @param hits held-out prompts whose greedy answer begins with the span
   * @param n held-out prompts
   * @param probabilityClean per token: mean probability on held-out prompts without a trigger
   * @param probabilityElicited per token: the same with the trigger
   * @param outcome what became of it
   */
  public record Measured(
      String text,
      int[] tokenIds,
      String source,
      double chainScore,
      String trigger,
      int[] triggerIds,
      Placement placement,
      double searchScore,
      double score,
      int hits,
      int n,
      double[] probabilityClean,
      double[] probabilityElicited,
      String outcome) {}
}
