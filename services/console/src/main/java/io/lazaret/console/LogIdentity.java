package io.lazaret.console;

import io.lazaret.eventing.KafkaProblems;
import io.lazaret.eventing.KafkaSettings;
import io.lazaret.eventing.Topics;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;

/** Tells one log from another: offsets mean something only within the same. */
public final class LogIdentity {

  private static final long TIMEOUT_SECONDS = 30;

  private LogIdentity() {}

  /**
   * Id of the cluster, and of the topic of events: a topic that was made anew counts from 0 again.
   *
   * @throws io.lazaret.problem.ProblemException KAFKA_UNAVAILABLE
   */
  public static String of(KafkaSettings kafka) {
    try (Admin admin = Admin.create(kafka.client(Map.of(), Map.of()))) {
      String cluster = admin.describeCluster().clusterId().get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
      String topic =
          admin
              .describeTopics(List.of(Topics.EVENTS))
              .allTopicNames()
              .get(TIMEOUT_SECONDS, TimeUnit.SECONDS)
              .get(Topics.EVENTS)
              .topicId()
              .toString();
      return cluster + " " + topic;
    } catch (InterruptedException e) {
      throw KafkaProblems.interrupted(e);
    } catch (ExecutionException | TimeoutException e) {
      throw KafkaProblems.unavailable(
          kafka.bootstrapServers(), e.getCause() == null ? e : e.getCause());
    }
  }
}
