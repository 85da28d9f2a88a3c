package io.lazaret.lifecycle;

import io.lazaret.schemas.Decision;
import io.lazaret.schemas.Ids;
import io.lazaret.schemas.Job;
import io.lazaret.schemas.Stage;
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

  /** Sequence of the next event. */
  long nextSequence();

  /** Nothing has been recorded yet. */
  record Unknown() implements Screening {
    @Override
    public long nextSequence() {
      return 0;
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
    Working again(long nextSequence);

    /**
     * The job that is awaited. Its seed does not depend on the attempt, so that a retry leads to
     * the same verdict as an untroubled run.
     *
     * @param notBefore earliest start; null for at once
     */
    default Job job(Instant notBefore) {
      String screening = file().screeningId();
      int round = file().round();
      return Job.newBuilder()
          .setJobId(Ids.job(screening, stage(), round, attempt()))
          .setStage(stage())
          .setRound(round)
          .setAttempt(attempt())
          .setSeed(seed(file().ingested().getInputs().getSeed(), stage(), round))
          .setNotBefore(notBefore)
          .build();
    }

    private static long seed(long screening, Stage stage, int round) {
      String hash = Ids.derive("seed", screening, stage, round);
      return Long.parseUnsignedLong(hash, 0, 2 * Long.BYTES, HEXADECIMAL);
    }
  }

  /** Looking for suspicious segments in the original or in a checkpoint. */
  record Detecting(CaseFile file, int attempt, long nextSequence) implements Working {
    @Override
    public Stage stage() {
      return Stage.DETECTION;
    }

    @Override
    public Working again(long next) {
      return new Detecting(file, attempt + 1, next);
    }
  }

  /** Training parrots for the fresh segments. */
  record Simulating(CaseFile file, int attempt, long nextSequence) implements Working {
    @Override
    public Stage stage() {
      return Stage.SIMULATION;
    }

    @Override
    public Working again(long next) {
      return new Simulating(file, attempt + 1, next);
    }
  }

  /** Rewriting the model. */
  record Eliminating(CaseFile file, int attempt, long nextSequence) implements Working {
    @Override
    public Stage stage() {
      return Stage.ELIMINATION;
    }

    @Override
    public Working again(long next) {
      return new Eliminating(file, attempt + 1, next);
    }
  }

  /** Measuring the candidate beside the original. */
  record Evaluating(CaseFile file, int attempt, long nextSequence) implements Working {
    @Override
    public Stage stage() {
      return Stage.EVALUATION;
    }

    @Override
    public Working again(long next) {
      return new Evaluating(file, attempt + 1, next);
    }
  }

  /** All is known; the verdict is the next event. */
  record Judged(CaseFile file, Judgement judgement, long nextSequence) implements Screening {}

  /** The verdict was PROMOTED; the release is the next event. */
  record Releasing(CaseFile file, long nextSequence) implements Screening {}

  /** The one verdict has been given. Nothing changes a closed screening. */
  record Closed(Decision decision, long nextSequence) implements Screening {}
}
