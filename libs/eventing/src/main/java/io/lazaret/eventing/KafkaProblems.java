package io.lazaret.eventing;

import io.lazaret.problem.Problem;
import io.lazaret.problem.ProblemException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.net.http.HttpTimeoutException;
import org.apache.kafka.common.errors.RetriableException;

/** Kafka's exceptions in the platform's form. */
public final class KafkaProblems {

  private KafkaProblems() {}

  /**
   * Whether waiting may help: the error, or what caused it, is a problem that may pass, one that
   * Kafka calls retriable, or a connection that failed. Other serializers than ours wrap the last.
   */
  public static boolean passing(Throwable error) {
    for (Throwable e = error; e != null; e = e.getCause()) {
      if (e instanceof ProblemException known) {
        return known.problem().retryable();
      }
      if (e instanceof RetriableException
          || e instanceof SocketException
          || e instanceof SocketTimeoutException
          || e instanceof HttpTimeoutException
          || e instanceof UnknownHostException) {
        return true;
      }
    }
    return false;
  }

  /** KAFKA_UNAVAILABLE, passing. */
  public static ProblemException unavailable(String bootstrapServers, Throwable cause) {
    return new ProblemException(
        Problem.passing(
            "KAFKA_UNAVAILABLE",
            "Kafka at "
                + bootstrapServers
                + " did not answer: "
                + cause.getClass().getSimpleName()
                + (cause.getMessage() == null ? "" : ": " + cause.getMessage()),
            "Check lazaret.kafka.bootstrap.servers, the network and the credentials."),
        cause);
  }

  /** INTERRUPTED, passing; the thread's interrupt flag is set again. */
  public static ProblemException interrupted(InterruptedException cause) {
    Thread.currentThread().interrupt();
    return new ProblemException(
        Problem.passing(
            "INTERRUPTED", "The work was interrupted while waiting for Kafka.", "Try again."),
        cause);
  }
}
