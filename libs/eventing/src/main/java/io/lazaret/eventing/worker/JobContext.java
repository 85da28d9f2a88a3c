package io.lazaret.eventing.worker;

import io.lazaret.schemas.Envelope;

/** What a job knows of the world. Safe to use from any thread. */
public interface JobContext {

  /**
   * Says how far the job has come; as often as it likes, the worker publishes at its own rate.
   *
   * @param fraction 0 to 1; outside is clipped, NaN counts as 0
   * @param message one line for people
   * @throws java.util.concurrent.CancellationException when the job is no longer wanted
   */
  void progress(double fraction, String message);

  /** Whether the job is no longer wanted: the worker closes, or another one has taken over. */
  boolean cancelled();

  /** The envelope of the event that the job ends in. */
  Envelope envelope(String type);
}
