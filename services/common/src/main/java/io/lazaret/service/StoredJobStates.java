package io.lazaret.service;

import io.lazaret.checkpoints.JobStateStore;
import io.lazaret.eventing.worker.JobStates;
import java.nio.file.Path;

/** Saved states of jobs in the object store. */
public record StoredJobStates(JobStateStore store) implements JobStates {

  @Override
  public boolean latest(String jobId, String part, Path into) {
    return store.latest(jobId, part, into);
  }

  @Override
  public void save(String jobId, String part, Path directory) {
    store.save(jobId, part, directory);
  }

  @Override
  public void forget(String jobId) {
    store.forget(jobId);
  }
}
