package io.lazaret.eventing.worker;

import org.apache.avro.specific.SpecificRecord;

/**
 * The work of a stage.
 *
 * @param <C> the command that asks for it
 */
@FunctionalInterface
public interface StageJob<C extends SpecificRecord> {

  /**
   * Does the work, on a thread of its own, which is interrupted when the work is no longer wanted.
   * It may run more than once for a command, so its effects outside are idempotent.
   *
   * @return the event it ends in, its envelope made by {@link JobContext#envelope}
   * @throws io.lazaret.problem.ProblemException becomes a StageFailed with that problem
   * @throws Exception becomes a StageFailed with code INTERNAL_ERROR, retryable
   */
  SpecificRecord run(C command, JobContext context) throws Exception;
}
