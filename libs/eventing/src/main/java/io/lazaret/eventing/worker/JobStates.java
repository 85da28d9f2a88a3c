package io.lazaret.eventing.worker;

import java.nio.file.Path;

/**
 * Keeps what interrupted jobs need to go on, outside of the workers, by job id and part. All
 * methods throw {@link io.lazaret.problem.ProblemException} when the store fails.
 */
public interface JobStates {

  /** Copies the newest undamaged state into an empty folder; false when there is none. */
  boolean latest(String jobId, String part, Path into);

  /** Keeps the plain files of a folder as the newest state of a part. */
  void save(String jobId, String part, Path directory);

  /** Removes everything that was saved for a job. */
  void forget(String jobId);

  /** Keeps nothing: every take-up starts from the beginning. */
  static JobStates none() {
    return new JobStates() {
      @Override
      public boolean latest(String jobId, String part, Path into) {
        return false;
      }

      @Override
      public void save(String jobId, String part, Path directory) {}

      @Override
      public void forget(String jobId) {}
    };
  }
}
