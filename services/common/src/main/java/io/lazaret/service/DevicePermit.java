package io.lazaret.service;

import io.lazaret.eventing.worker.StageJob;
import java.util.concurrent.Semaphore;
import org.apache.avro.specific.SpecificRecord;

/**
 * Keeps the jobs of several stages in one process from fighting for cores and memory: so many
 * compute at a time, the others wait in the order in which they came.
 */
final class DevicePermit {

  private final Semaphore permits;

  DevicePermit(int permits) {
    this.permits = new Semaphore(permits, true);
  }

  /** The same job, begun only when the device is free. */
  <C extends SpecificRecord> StageJob<C> around(StageJob<C> job) {
    return (command, context) -> {
      if (!permits.tryAcquire()) {
        context.progress(0, "waiting for the device");
        permits.acquire();
      }
      try {
        return job.run(command, context);
      } finally {
        permits.release();
      }
    };
  }
}
