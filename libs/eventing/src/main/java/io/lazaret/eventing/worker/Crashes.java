package io.lazaret.eventing.worker;

import io.lazaret.problem.Problem;
import io.lazaret.problem.ProblemException;
import org.apache.avro.specific.SpecificRecord;

/** What becomes of a job that its workers keep dying of. */
final class Crashes {

  private Crashes() {}

  /** A job that only tells that the real one was taken up so often without a result. */
  static <C extends SpecificRecord> StageJob<C> job(int takeUps) {
    return (command, context) -> {
      throw new ProblemException(
          Problem.passing(
              "WORKER_CRASHED",
              "The job was taken up " + takeUps + " times and no worker lived to give a result.",
              "Look for the end of the worker processes: memory, a crash of the tensor library"
                  + " (hs_err files), eviction. Give the workers more memory, or reject the model."));
    };
  }
}
