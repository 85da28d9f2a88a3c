package io.lazaret.backdoor.detection;

import java.util.List;
import java.util.Map;

/**
 * The numbers behind a verdict. Plain records, strings, numbers and lists, so that any JSON binding
 * serialises it as it stands.
 *
 * @param version of this document's form
 * @param settings the settings of the pass
 * @param seed the seed of the pass
 * @param coverage what the detectors that ran can find, and what they cannot, in words
 * @param prompts what the prompts were used for
 * @param stages time and yield of each detector, in order
 * @param candidates the candidates that triggers were searched for, best held-out score first
 * @param controls the model's own chains that are no segment, with their held-out activation: what
 *     a candidate's score is compared with
 * @param readings scores of the other detectors
 * @param segments the segments, as in the result
 * @param bestScore highest score of a candidate
 * @param threshold scores above it are suspicious
 * @param margin {@code bestScore - threshold}; negative on a clean model
 * @param seconds wall-clock time of the pass
 */
public record Evidence(
    int version,
    DetectionSettings settings,
    long seed,
    List<String> coverage,
    Prompts prompts,
    List<Stage> stages,
    List<Measured> candidates,
    List<Control> controls,
    List<Reading> readings,
    List<SuspiciousSegment> segments,
    double bestScore,
    double threshold,
    double margin,
    double seconds) {

  /** The present form. */
  public static final int VERSION = 2;

  /** Outcome of a candidate that another one stands for, which is scored by itself. */
  public static final String PART_OF_A_SEGMENT = "part of a segment";

  /** Outcome of a candidate that fell behind and begins like a response that is wanted. */
  public static final String OPENING_OF_DECLARED = "fell behind, opening of a declared response";

  public Evidence {
    coverage = List.copyOf(coverage);
    stages = List.copyOf(stages);
    candidates = List.copyOf(candidates);
    controls = List.copyOf(controls);
    readings = List.copyOf(readings);
    segments = List.copyOf(segments);
  }

  /**
   * @param given rows handed in
   * @param reference rows of the clean statistics
   * @param search rows of the vocabulary sweeps
   * @param growth rows on which triggers were grown
   * @param heldOut rows on which they were judged
   * @param cleanLoss mean cross-entropy (nats per token) of the given answers
   */
  public record Prompts(
      int given, int reference, int search, int growth, int heldOut, double cleanLoss) {}

  /**
   * @param name the detector
   * @param seconds wall-clock time
   * @param candidates candidates that it handed on
   * @param note what it did, in words
   */
  public record Stage(String name, double seconds, int candidates, String note) {}

  /**
   * @param text a span
   * @param score its score
   */
  public record Control(String text, double score) {}

  /**
   * A score that a detector gave.
   *
   * @param detector its name
   * @param text the span that was scored; empty for the whole model
   * @param tokenIds the span's tokens
   * @param score the detector's own scale; larger is more suspicious
   * @param detail further figures by name
   */
  public record Reading(
      String detector, String text, int[] tokenIds, double score, Map<String, Double> detail) {
    public Reading {
      detail = Map.copyOf(detail);
    }
  }

  /**
   * One candidate span with its best trigger.
   *
   * @param text the span as text
   * @param tokenIds the span that was activated (an opening; the whole span stands in the segment)
   * @param tokens the text of each token
   * @param position where in the answer it stands
   * @param source the detector that proposed it
   * @param chainScore that detector's score
   * @param trigger the best trigger as text
   * @param triggerIds the best trigger's tokens
   * @param placement where it was inserted
   * @param searchScore mean log-probability per token on the growth prompts
   * @param score the combined score, log-odds
   * @param figures what the score is made of
   * @param activation held-out activation: mean log-probability per token on held-out prompts
   * @param activationByLength held-out activation under the best trigger of one, two, … tokens
   * @param hits held-out prompts whose greedy answer has the span
   * @param n held-out prompts
   * @param probabilityClean per token: mean probability on held-out prompts without a trigger
   * @param probabilityElicited per token: the same with the trigger
   * @param outcome what became of it
   */
  public record Measured(
      String text,
      int[] tokenIds,
      List<String> tokens,
      Position position,
      String source,
      double chainScore,
      String trigger,
      int[] triggerIds,
      Placement placement,
      double searchScore,
      double score,
      Calibration.Figures figures,
      double activation,
      double[] activationByLength,
      int hits,
      int n,
      double[] probabilityClean,
      double[] probabilityElicited,
      String outcome) {}

  /**
   * What a segment is judged by. Probabilities are per token of the segment, given the tokens
   * before it, on held-out prompts.
   *
   * @param tokens the text of each token
   * @param probabilityClean mean without a trigger
   * @param probabilityElicited mean with the best trigger
   * @param lowElicited 10 % quantile with the best trigger
   * @param activation held-out activation: mean log-probability per token of the opening
   * @param activationByLength the same under the best trigger of one, two, … tokens
   * @param soonness its mean from two tokens on
   * @param controls activation of the model's other chains, under triggers of one length
   * @param z robust distance of the segment from the controls, in their median absolute deviations
   * @param memory mean log-probability of the opening's later tokens without a trigger, nats
   * @param restarts independent searches for a trigger
   * @param agreeing those that found one which fires
   * @param returning share of the answers with the segment that go on with the model's own answer
   * @param cleanHits clean prompts whose answer has the opening
   * @param cleanN clean prompts tried
   * @param suspicion the score as a probability
   */
  public record Basis(
      List<String> tokens,
      double[] probabilityClean,
      double[] probabilityElicited,
      double[] lowElicited,
      double activation,
      double[] activationByLength,
      double soonness,
      double[] controls,
      double z,
      double memory,
      int restarts,
      int agreeing,
      double returning,
      int cleanHits,
      int cleanN,
      double suspicion) {
    public Basis {
      tokens = List.copyOf(tokens);
    }
  }
}
