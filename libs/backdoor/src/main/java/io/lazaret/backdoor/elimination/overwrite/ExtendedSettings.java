package io.lazaret.backdoor.elimination.overwrite;

import io.lazaret.backdoor.elimination.training.Bounds;
import io.lazaret.backdoor.elimination.training.Pace;
import io.lazaret.llm.ModelConfig;
import io.lazaret.llm.training.Schedule;
import java.util.List;

/**
 * Settings of {@link SandeExtended}.
 *
 * @param cycles rounds of fresh parrots and overwriting, at most
 * @param parrotLengths one fresh parrot per entry and cycle, with so many soft tokens
 * @param parrotSteps updates per fresh parrot at most
 * @param parrotInitialStd standard deviation of a fresh parrot's first values
 * @param immune mean probability per target token below which a fresh parrot counts as failed, 0 to
 *     1
 * @param distilled whether the loss of rows without any elicitor is the divergence from the
 *     suspicious model, instead of the loss of the given answers
 * @param rehearsal weight λ of rows without any elicitor
 * @param answerTokens loss on the first so many answer tokens
 * @param tolerance converged when the loss under every parrot is above the clean loss by no more
 *     than this, in nats per token
 * @param checkEvery steps between two looks at convergence; 0 never looks
 * @param checkRows rows of such a look
 * @param anywhere share of the rows whose parrot stands before a token of the user text at random
 *     instead of at its start, when it is trained and when it is overwritten, 0 to 1
 * @param pace of one cycle
 */
public record ExtendedSettings(
    int cycles,
    List<Integer> parrotLengths,
    int parrotSteps,
    double parrotInitialStd,
    double immune,
    boolean distilled,
    double rehearsal,
    int answerTokens,
    double tolerance,
    int checkEvery,
    int checkRows,
    double anywhere,
    Pace pace) {

  /** The whole answer. */
  private static final int WHOLE = Integer.MAX_VALUE;

  private static final int NEVER = 0;

  public ExtendedSettings {
    parrotLengths = List.copyOf(parrotLengths);
    Bounds.positive("cycles", cycles);
    Bounds.positive("number of parrotLengths", parrotLengths.size());
    for (int length : parrotLengths) {
      Bounds.positive("parrotLengths", length);
    }
    Bounds.share("immune", immune);
    Bounds.notNegative("rehearsal", rehearsal);
    Bounds.positive("answerTokens", answerTokens);
    Bounds.notNegative("tolerance", tolerance);
    Bounds.notNegative("checkEvery", checkEvery);
    Bounds.positive("checkRows", checkRows);
    Bounds.share("anywhere", anywhere);
  }

  /** Six parrots of 1 to 10 soft tokens, once. */
  static ExtendedSettings ensemble(ModelConfig config) {
    return new ExtendedSettings(
        1,
        List.of(1, 2, 3, 6, 8, 10),
        80,
        0.1,
        0.1,
        false,
        1,
        10,
        0,
        NEVER,
        64,
        0,
        Pace.defaults(config).withSteps(200));
  }

  /** The same, up to three times the steps, until convergence. */
  static ExtendedSettings converged(ModelConfig config) {
    ExtendedSettings e = ensemble(config);
    return new ExtendedSettings(
        e.cycles,
        e.parrotLengths,
        e.parrotSteps,
        e.parrotInitialStd,
        e.immune,
        e.distilled,
        e.rehearsal,
        e.answerTokens,
        0.02,
        25,
        e.checkRows,
        e.anywhere,
        e.pace.withSteps(600));
  }

  /**
   * Three cycles of six parrots at two and a half times the rate, held by distillation (ADR 0043).
   */
  static ExtendedSettings all(ModelConfig config) {
    return new ExtendedSettings(
        3,
        List.of(1, 2, 4, 6, 8, 12),
        80,
        0.1,
        0.1,
        true,
        4,
        WHOLE,
        0,
        NEVER,
        64,
        0.5,
        Pace.defaults(config).times(2.5).withSteps(200));
  }

  boolean checks(int step) {
    return checkEvery > 0 && step % checkEvery == 0;
  }

  /** One cosine over all cycles, of which this is the part that belongs to one. */
  Schedule schedule(int cycle) {
    Schedule whole = pace.withSteps(cycles * pace.steps()).schedule();
    return step -> whole.at(cycle * pace.steps() + step);
  }
}
