package io.lazaret.lifecycle.screening;

import io.lazaret.lifecycle.policy.ApprovalRules;
import io.lazaret.schemas.Approval;
import io.lazaret.schemas.Decision;
import io.lazaret.schemas.Envelope;
import io.lazaret.schemas.Ids;
import io.lazaret.schemas.Job;
import io.lazaret.schemas.Stage;
import io.lazaret.schemas.Verdict;
import java.time.Instant;
import java.util.List;
import org.apache.avro.specific.SpecificRecord;

/** A screening at one moment: one record per step, folded from its events. */
public sealed interface Screening {

  /** Folds a history, which begins at sequence 0 and has no gaps. */
  static Screening fold(List<? extends SpecificRecord> history) {
    Screening state = new Unknown();
    for (SpecificRecord event : history) {
      state = Transitions.after(state, event);
    }
    return state;
  }

  /**
   * The screening after one more event of its history.
   *
   * @throws IllegalTransitionException when the event may not follow
   */
  default Screening after(SpecificRecord event) {
    return Transitions.after(this, event);
  }

  /** The verdict that an event tells; null for events that tell none. */
  static Verdict verdictOf(SpecificRecord event) {
    return Facts.verdict(event);
  }

  /**
   * The verdict event of this state, decided anew in the place of a recorded one.
   *
   * @param recorded whose envelope it takes over: time and place are not decided
   * @throws IllegalTransitionException when no verdict is due in this state
   */
  default SpecificRecord decideAgain(SpecificRecord recorded) {
    if (this instanceof Judged judged) {
      return Verdicts.of(judged, Envelope.newBuilder(Facts.envelope(recorded)).build());
    }
    throw new IllegalTransitionException(
        "a verdict may not follow the state " + getClass().getSimpleName());
  }

  /** Where the history stands. */
  Position at();

  /** Sequence of the next event. */
  default long nextSequence() {
    return at().next();
  }

  /** Nothing has been recorded yet. */
  record Unknown() implements Screening {
    @Override
    public Position at() {
      return Position.START;
    }
  }

  /** Radix of the hash that a seed is read from. */
  int HEXADECIMAL = 16;

  /** A stage has been asked for, and its result is awaited. */
  sealed interface Working extends Screening {

    CaseFile file();

    /** 1 for the first try. */
    int attempt();

    Stage stage();

    /** The same step, one try later. */
    Working again(Position next);

    /** The same step with another case file. */
    Working with(CaseFile changed, Position next);

    /**
     * The job that is awaited. Its seed does not depend on the attempt, so that a retry leads to
     * the same verdict as an untroubled run.
     *
     * @param notBefore earliest start; null for at once
     */
    default Job job(Instant notBefore) {
      int round = file().round();
      long seed = seed(file().opening().inputs().getSeed(), stage(), round);
      return new Job(jobId(), stage(), round, attempt(), seed, notBefore);
    }

    /** The id of the job that is awaited. */
    default String jobId() {
      return Ids.job(file().screeningId(), stage(), file().round(), attempt());
    }

    private static long seed(long screening, Stage stage, int round) {
      String hash = Ids.derive("seed", screening, stage, round);
      return Long.parseUnsignedLong(hash, 0, 2 * Long.BYTES, HEXADECIMAL);
    }
  }

  /** Looking for suspicious segments in the original or in a checkpoint. */
  record Detecting(CaseFile file, int attempt, Position at) implements Working {
    @Override
    public Stage stage() {
      return Stage.DETECTION;
    }

    @Override
    public Working again(Position next) {
      return new Detecting(file, attempt + 1, next);
    }

    @Override
    public Working with(CaseFile changed, Position next) {
      return new Detecting(changed, attempt, next);
    }
  }

  /** Training parrots for the fresh segments. */
  record Simulating(CaseFile file, int attempt, Position at) implements Working {
    @Override
    public Stage stage() {
      return Stage.SIMULATION;
    }

    @Override
    public Working again(Position next) {
      return new Simulating(file, attempt + 1, next);
    }

    @Override
    public Working with(CaseFile changed, Position next) {
      return new Simulating(changed, attempt, next);
    }
  }

  /** Rewriting the model. */
  record Eliminating(CaseFile file, int attempt, Position at) implements Working {
    @Override
    public Stage stage() {
      return Stage.ELIMINATION;
    }

    @Override
    public Working again(Position next) {
      return new Eliminating(file, attempt + 1, next);
    }

    @Override
    public Working with(CaseFile changed, Position next) {
      return new Eliminating(changed, attempt, next);
    }
  }

  /** Measuring the candidate beside the original. */
  record Evaluating(CaseFile file, int attempt, Position at) implements Working {
    @Override
    public Stage stage() {
      return Stage.EVALUATION;
    }

    @Override
    public Working again(Position next) {
      return new Evaluating(file, attempt + 1, next);
    }

    @Override
    public Working with(CaseFile changed, Position next) {
      return new Evaluating(changed, attempt, next);
    }
  }

  /** All is known; the verdict is the next event, after what follows from it for a release. */
  record Judged(CaseFile file, Judgement judgement, Position at) implements Screening {}

  /**
   * The verdict leaves the release to persons.
   *
   * @param decision the verdict: HELD, or PROMOTED where the policy or a person asks for approvals
   * @param approvals given so far
   * @param since when the verdict was given, or the promotion was asked for
   */
  record AwaitingApproval(
      CaseFile file, Decision decision, List<Approval> approvals, Instant since, Position at)
      implements Screening {

    public AwaitingApproval {
      approvals = List.copyOf(approvals);
    }

    /** Persons who have to approve before the release. */
    public int needed() {
      ApprovalRules policy = file.policy().approvals();
      int usual = decision == Decision.HELD ? policy.held() : policy.promoted();
      return Math.max(1, file.held() ? Math.max(usual, policy.held()) : usual);
    }

    /** When it is too late. */
    public Instant until() {
      return since.plusMillis(Math.round(file.policy().approvals().validHours() * 3_600_000));
    }

    /** Who asked for the screening, or for the promotion; empty where nobody is known. */
    public String requestedBy() {
      return file.opening().requestedBy();
    }
  }

  /** The release is let through; the channel's change is the next event. */
  record Releasing(CaseFile file, List<Approval> approvals, Position at) implements Screening {
    public Releasing {
      approvals = List.copyOf(approvals);
    }
  }

  /**
   * All is decided. Nothing changes a closed screening.
   *
   * @param decision PROMOTED where a channel names the model, or still names it
   */
  record Closed(Decision decision, Position at) implements Screening {}
}
