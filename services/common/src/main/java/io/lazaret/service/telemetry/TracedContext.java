package io.lazaret.service.telemetry;

import io.lazaret.eventing.worker.JobContext;
import io.lazaret.schemas.Envelope;
import java.nio.file.Path;

/**
 * A job's context whose results name the job's span, so that what they cause is its child.
 *
 * @param traceparent of the span; null where nothing is traced
 */
record TracedContext(JobContext job, String traceparent) implements JobContext {

  @Override
  public Envelope envelope(String type) {
    Envelope envelope = job.envelope(type);
    if (traceparent != null) {
      envelope.setTraceparent(traceparent);
    }
    return envelope;
  }

  @Override
  public void progress(double fraction, String message) {
    job.progress(fraction, message);
  }

  @Override
  public boolean cancelled() {
    return job.cancelled();
  }

  @Override
  public boolean draining() {
    return job.draining();
  }

  @Override
  public boolean resume(String part, Path into) {
    return job.resume(part, into);
  }

  @Override
  public void checkpoint(String part, Path directory) {
    job.checkpoint(part, directory);
  }
}
