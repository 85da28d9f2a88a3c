package io.lazaret.checkpoints;

import io.lazaret.problem.ProblemException;
import io.minio.CloseableIterator;
import io.minio.Result;
import io.minio.errors.MinioException;
import io.minio.messages.NotificationRecords;
import java.io.IOException;
import java.util.NoSuchElementException;

/**
 * What a server says of objects that are written, as it happens. MinIO says it to whoever listens;
 * S3 itself and most other servers do not.
 */
public final class BucketChanges implements AutoCloseable {

  private final CloseableIterator<Result<NotificationRecords>> words;
  private final S3Settings settings;

  BucketChanges(CloseableIterator<Result<NotificationRecords>> words, S3Settings settings) {
    this.words = words;
    this.settings = settings;
  }

  /**
   * Blocks until something was written.
   *
   * @return false when the server has ended the conversation, or the store was closed
   * @throws ProblemException STORE_SENDS_NO_EVENTS when what it says are no events
   */
  public boolean await() {
    try {
      while (words.hasNext()) {
        if (!words.next().get().events().isEmpty()) {
          return true;
        }
      }
      return false;
    } catch (NoSuchElementException | IllegalStateException closed) {
      return false;
    } catch (MinioException noEvents) {
      throw noEvents(settings, noEvents);
    }
  }

  static ProblemException noEvents(S3Settings settings, Exception cause) {
    return new ProblemException(
        io.lazaret.problem.Problem.of(
            "STORE_SENDS_NO_EVENTS",
            "The store at " + settings.endpoint() + " does not tell what is written.",
            "It is looked at from time to time; lazaret.watch.notifications=false asks it no more."),
        cause);
  }

  /** To be called by the thread that listens; another one closes the store. */
  @Override
  public void close() {
    try {
      words.close();
    } catch (IOException alreadyGone) {
      // nobody listens any more, which is what was wanted
    }
  }
}
