package io.lazaret.eventing;

import io.lazaret.problem.Problem;
import io.lazaret.problem.ProblemException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.TimeoutException;

/** Kafka's exceptions in the platform's form. */
public final class KafkaProblems {

  private KafkaProblems() {}

  /** Whether waiting may help. */
  public static boolean passing(Throwable error) {
    return error instanceof RetriableException
        || error instanceof TimeoutException
        || (error instanceof ProblemException p && p.problem().retryable());
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
