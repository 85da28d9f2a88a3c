package io.lazaret.eventing.worker;

import io.lazaret.schemas.Envelope;
import java.nio.file.Path;

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

  /** Whether the worker is about to close: a job that can save its state had better do so now. */
  default boolean draining() {
    return false;
  }

  /**
   * Brings back what was saved last for a part of this job, by this try or an earlier one that was
   * killed. Files are verified; what is damaged counts as not saved.
   *
   * @param part name of the part, e.g. {@code parrot-2}; letters, digits and hyphens
   * @param into an empty folder
   * @return false when nothing was saved; the folder is empty then
   */
  default boolean resume(String part, Path into) {
    return false;
  }

  /**
   * Saves the files of a folder as the state from which the part goes on after a crash. A store
   * that does not answer is no reason to stop: the job goes on, with more to lose.
   *
   * @param directory plain files, no folders
   * @throws java.util.concurrent.CancellationException when the job is no longer wanted
   */
  default void checkpoint(String part, Path directory) {}

  /** The envelope of the event that the job ends in. */
  Envelope envelope(String type);
}
