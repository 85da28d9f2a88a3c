package io.lazaret.lifecycle.decision;

/**
 * Why a record changed nothing.
 *
 * @param reason the kind of reason, for counting
 * @param sentence the particulars, for the log
 */
public record Dropped(Reason reason, String sentence) {

  /** Kinds of records that change nothing. */
  public enum Reason {
    /** The screening has already been opened. */
    DUPLICATE,
    /** A result of an attempt or a stage that is not awaited (any more). */
    NOT_AWAITED,
    /** A result for a screening that nobody opened. */
    UNKNOWN_SCREENING,
    /** The verdict has been given. */
    CLOSED,
    /** A record that only orchestration itself may write, or that carries no usable envelope. */
    NOT_A_REQUEST
  }
}
