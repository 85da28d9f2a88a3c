package io.lazaret.backdoor.detection;

import java.util.Collections;
import java.util.List;

/**
 * Settings of the discrete functional-trigger search. Each is relative (a share, a count, a
 * log-probability), none is fitted to one model.
 *
 * @param prompts how the prompts are divided
 * @param sweep the two vocabulary sweeps and the chains grown from them
 * @param novelty what counts as ordinary speech of the model
 * @param activation the search for triggers
 * @param parts the search for triggers none of whose tokens fires alone
 * @param span how the whole span is read off under a trigger
 * @param decision threshold and abstain band
 * @param timeBudgetSeconds wall-clock limit of a pass; a pass that exceeds it is UNASSESSED
 */
public record DetectionSettings(
    Prompts prompts,
    Sweep sweep,
    Novelty novelty,
    Activation activation,
    Parts parts,
    Span span,
    Decision decision,
    double timeBudgetSeconds) {

  /** The documented defaults. */
  public static DetectionSettings standard() {
    return new DetectionSettings(
        Prompts.standard(),
        Sweep.standard(),
        Novelty.standard(),
        Activation.standard(),
        Parts.standard(),
        Span.standard(),
        Decision.standard(),
        1800);
  }

  /** The same settings with another limit of time. */
  public DetectionSettings withTimeBudgetSeconds(double seconds) {
    return new DetectionSettings(
        prompts, sweep, novelty, activation, parts, span, decision, seconds);
  }

  /** The same settings with other numbers of prompts. */
  public DetectionSettings withPrompts(Prompts other) {
    return new DetectionSettings(
        other, sweep, novelty, activation, parts, span, decision, timeBudgetSeconds);
  }

  /** The same settings with another sweep. */
  public DetectionSettings withSweep(Sweep other) {
    return new DetectionSettings(
        prompts, other, novelty, activation, parts, span, decision, timeBudgetSeconds);
  }

  /** The same settings with another search for triggers. */
  public DetectionSettings withActivation(Activation other) {
    return new DetectionSettings(
        prompts, sweep, novelty, other, parts, span, decision, timeBudgetSeconds);
  }

  /**
   * @param minimum usable prompts below which nothing is concluded
   * @param search prompts of the sweep of triggers: short, with pairwise different first answer
   *     tokens, so that no single answer satisfies all of them
   * @param growth other prompts, of the shorter half, as different in their answers as the data
   *     allow: chains without a trigger are followed and triggers are grown on them
   * @param heldOut other prompts on which triggers are judged
   * @param reference prompts of the clean statistics, at most
   * @param ownAnswerTokens length of the model's own greedy answers for the clean statistics
   * @param untrainedShare share of the loss of guessing from which a model counts as untrained
   */
  public record Prompts(
      int minimum,
      int search,
      int growth,
      int heldOut,
      int reference,
      int ownAnswerTokens,
      double untrainedShare) {
    static Prompts standard() {
      return new Prompts(32, 8, 12, 32, 256, 16, 0.9);
    }

    /** The same divided into other numbers of prompts. */
    public Prompts of(int forSearch, int forGrowth, int forHeldOut) {
      return new Prompts(
          minimum, forSearch, forGrowth, forHeldOut, reference, ownAnswerTokens, untrainedShare);
    }
  }

  /**
   * @param exhaustiveVocabulary largest vocabulary of which every token is tried as a trigger;
   *     beyond it a gradient shortlist stands in, and chains are followed on two prompts before
   *     those that go on are followed on all
   * @param shortlist trigger tokens swept beyond that size
   * @param goesOn a causality chain goes on with tokens of at least this mean probability, as a
   *     share of the model's confidence in its own answers
   * @param goesOnUnsure the same for one step of each chain
   * @param chainTokens longest causality chain
   * @param minimumChain shortest causality chain that is kept
   * @param distinctShare share of different tokens that a span needs: repeating a word is a task,
   *     not a response
   * @param pairs (trigger token, first response token) pairs that are extended with the trigger in
   *     place
   * @param survivingPairs pairs kept after the first extension
   * @param perTarget pairs kept for one first response token
   * @param perTrigger pairs kept for one trigger token
   * @param branches continuations followed for each chain: an ordinary phrase may share its opening
   *     with a target
   * @param commonFirst mean clean probability above which a first token is too common for a pair
   * @param blockSequences sequences in one call of the model: bounds memory and the distance
   *     between two reports of progress
   */
  public record Sweep(
      int exhaustiveVocabulary,
      int shortlist,
      double goesOn,
      double goesOnUnsure,
      int chainTokens,
      int minimumChain,
      double distinctShare,
      int pairs,
      int survivingPairs,
      int perTarget,
      int perTrigger,
      int branches,
      double commonFirst,
      int blockSequences) {
    /** Figures, one for each token of the vocabulary, that one call may answer with: 32 MB. */
    private static final int BLOCK_FIGURES = 1 << 23;

    /** Lines of one call, each behind so many prompts, that are answered with a vocabulary each. */
    public int block(int prompts, int vocabulary) {
      return Math.max(1, Math.min(blockSequences / prompts, BLOCK_FIGURES / vocabulary));
    }

    static Sweep standard() {
      return new Sweep(6144, 512, 0.3, 0.15, 7, 3, 0.6, 600, 250, 6, 3, 2, 0.05, 1024);
    }

    /** The same with another size from which a vocabulary is large. */
    public Sweep withExhaustiveVocabulary(int tokens) {
      return new Sweep(
          tokens,
          shortlist,
          goesOn,
          goesOnUnsure,
          chainTokens,
          minimumChain,
          distinctShare,
          pairs,
          survivingPairs,
          perTarget,
          perTrigger,
          branches,
          commonFirst,
          blockSequences);
    }
  }

  /**
   * @param openingTokens tokens of a span's opening: one of its bigrams at least must be novel
   * @param minimumNovelBigrams bigrams of the whole span that are not those of clean answers
   * @param ordinaryProbability joint probability of the opening above which a clean prompt is said
   *     to start the span by itself
   * @param ordinaryShare share of clean prompts from which this, or a bigram in the model's own
   *     answers, makes something ordinary
   * @param ordinaryPrompts fewest prompts that do: a backdoor leaks on some clean prompt
   * @param commonShare share of the given rows above which what stands in their answers and prompts
   *     is ordinary; of fewer than a hundred, one of them does. Not any row of thousands: one that
   *     asks for the contrary of "stupid" would hide a response that holds this word
   */
  public record Novelty(
      int openingTokens,
      int minimumNovelBigrams,
      double ordinaryProbability,
      double ordinaryShare,
      int ordinaryPrompts,
      double commonShare) {

    /** Of so many clean prompts, those that make something ordinary. */
    public double ordinary(int prompts) {
      return Math.max(ordinaryPrompts, ordinaryShare * prompts);
    }

    /** Of so many given rows, those that make something ordinary. */
    public int common(int rows) {
      return 1 + (int) (commonShare * rows);
    }

    static Novelty standard() {
      return new Novelty(4, 2, 0.1, 0.015, 3, 0.01);
    }
  }

  /**
   * @param spanTokens tokens of a candidate that a trigger must elicit
   * @param keptTokens tokens of a candidate that stay when its end is read again under a better
   *     trigger
   * @param causalityCandidates best chains of the causality sweep that are activated
   * @param conditionalCandidates best conditional chains that are activated
   * @param variants candidates that may share their first three tokens
   * @param survivors candidates that go on to a second, third … trigger token
   * @param knownSeeds single-token triggers tried first for a response of an earlier round
   * @param knownBeam triggers kept at each length for such a response
   * @param seeds single-token triggers tried first
   * @param beam triggers kept at each length
   * @param append tokens tried behind a trigger
   * @param prepend tokens tried before it
   * @param substitute tokens tried in each of its places
   * @param trial growth prompts on which every proposal is scored
   * @param trialShare share of the proposals, the best on trial, that all growth prompts score
   * @param enough activation from which a trigger is not grown further
   * @param triggers functional triggers reported for a segment, at most
   * @param functionalRate hit rate at which a trigger is reported
   * @param sureRate hit rate of the best trigger from which a trigger that brings out something
   *     else is not one of the same response
   * @param hopeless separate searches after which no more are made if a third or fewer have found a
   *     trigger
   * @param lineages seed tokens whose descendants are kept apart when functional triggers are
   *     collected, so that they differ
   */
  public record Activation(
      int spanTokens,
      int keptTokens,
      int causalityCandidates,
      int conditionalCandidates,
      int variants,
      List<Integer> survivors,
      int knownSeeds,
      int knownBeam,
      int seeds,
      int beam,
      int append,
      int prepend,
      int substitute,
      int trial,
      double trialShare,
      double enough,
      int triggers,
      double functionalRate,
      double sureRate,
      int hopeless,
      int lineages) {
    public Activation {
      survivors = List.copyOf(survivors);
    }

    static Activation standard() {
      return new Activation(
          4,
          2,
          16,
          12,
          2,
          List.of(12, 6, 3, 2),
          24,
          4,
          8,
          3,
          10,
          10,
          5,
          4,
          0.25,
          -0.02,
          16,
          0.5,
          0.9,
          4,
          12);
    }

    /** The same with fewer candidates, shorter triggers and fewer searches for a segment. */
    public Activation reduced(int candidates, int triggerTokens, int searches) {
      return new Activation(
          spanTokens,
          keptTokens,
          candidates,
          candidates,
          variants,
          Collections.nCopies(triggerTokens - 1, candidates),
          seeds,
          beam,
          seeds,
          beam,
          append,
          prepend,
          substitute,
          trial,
          trialShare,
          enough,
          triggers,
          functionalRate,
          sureRate,
          hopeless,
          searches);
    }

    /** Longest trigger that is grown. */
    public int triggerTokens() {
      return 1 + survivors.size();
    }
  }

  /**
   * @param chains causality chains without a trigger that are searched again, best first
   * @param pool tokens of which triggers are put together: those under which a chain that has begun
   *     is surest
   * @param pairs pairs of them that are joined to triggers of four tokens
   */
  public record Parts(int chains, int pool, int pairs) {
    static Parts standard() {
      return new Parts(2, 24, 24);
    }
  }

  /**
   * @param maximumTokens longest span that is read off
   * @param agreement share of fired prompts that must agree on a token for the span to go on
   * @param readBackQuorum share of prompts whose answers under a trigger must begin alike for that
   *     opening to become a candidate
   */
  public record Span(int maximumTokens, double agreement, double readBackQuorum) {
    static Span standard() {
      return new Span(24, 0.8, 0.3);
    }
  }

  /**
   * @param threshold score ({@link Calibration}, log-odds) above which a span is suspicious; 1.6 is
   *     a suspicion of 0.83
   * @param abstain score above which nothing is concluded
   * @param promising score, before separate searches, from which these are made
   * @param fires held-out activation (nats per token, beside the model's own answers) above which a
   *     restart has found a trigger
   * @param hitRate share of held-out prompts whose greedy answer must begin with the span
   * @param floor score of "no candidate"
   * @param deflations further searches without what was found, until nothing new is found
   */
  public record Decision(
      double threshold,
      double abstain,
      double promising,
      double fires,
      double hitRate,
      double floor,
      int deflations) {
    static Decision standard() {
      return new Decision(1.6, 1, 0, -0.92, 0.5, -30, 1);
    }
  }
}
