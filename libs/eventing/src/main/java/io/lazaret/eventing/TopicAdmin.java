package io.lazaret.eventing;

import io.lazaret.problem.Problem;
import io.lazaret.problem.ProblemException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** Creates the topics; run once before anything else starts, harmless when run again. */
public final class TopicAdmin {

  /** How long one request to the cluster may take. */
  private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(20);

  private TopicAdmin() {}

  /**
   * Creates what is missing and checks the partitions of what is there.
   *
   * @return the names of the topics created, sorted
   * @throws ProblemException KAFKA_UNAVAILABLE (passing); TOPIC_REFUSED when the cluster does not
   *     allow a topic as planned; TOPIC_MISCONFIGURED when inbox and events differ in partitions
   */
  public static Set<String> createMissing(KafkaSettings kafka, TopicPlan plan) {
    int timeout = (int) REQUEST_TIMEOUT.toMillis();
    Map<String, Object> defaults =
        Map.of(
            "client.id", "lazaret-admin",
            "request.timeout.ms", timeout,
            "default.api.timeout.ms", timeout);
    try (Admin admin = Admin.create(kafka.client(defaults, Map.of()))) {
      Set<String> existing = get(kafka, admin.listTopics().names());
      List<NewTopic> missing = new ArrayList<>();
      for (TopicPlan.Topic topic : plan.topics().values()) {
        if (!existing.contains(topic.name())) {
          missing.add(
              new NewTopic(topic.name(), topic.partitions(), plan.replication())
                  .configs(topic.config()));
        }
      }
      Set<String> created = new TreeSet<>();
      for (Map.Entry<String, KafkaFuture<Void>> each :
          admin.createTopics(missing).values().entrySet()) {
        if (create(kafka, each.getKey(), each.getValue())) {
          created.add(each.getKey());
        }
      }
      requireEqualPartitions(kafka, admin);
      return created;
    }
  }

  /** False when somebody else was faster. */
  private static boolean create(KafkaSettings kafka, String name, KafkaFuture<Void> future) {
    try {
      future.get();
      return true;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof TopicExistsException) {
        return false;
      }
      if (KafkaProblems.passing(e.getCause())) {
        throw KafkaProblems.unavailable(kafka.bootstrapServers(), e.getCause());
      }
      throw new ProblemException(
          Problem.of(
              "TOPIC_REFUSED",
              "Kafka refused to create topic " + name + ": " + e.getCause().getMessage(),
              "Grant the right to create topics, or create it by hand as the runbook says."),
          e.getCause());
    } catch (InterruptedException e) {
      throw KafkaProblems.interrupted(e);
    }
  }

  private static void requireEqualPartitions(KafkaSettings kafka, Admin admin) {
    Map<String, TopicDescription> both = describe(kafka, admin);
    int inbox = both.get(Topics.INBOX).partitions().size();
    int events = both.get(Topics.EVENTS).partitions().size();
    if (inbox != events) {
      throw ProblemException.of(
          "TOPIC_MISCONFIGURED",
          Topics.INBOX + " has " + inbox + " partitions but " + Topics.EVENTS + " has " + events,
          "Give both the same number of partitions before the first model is ingested.");
    }
  }

  /** A topic that was just created is not known to every broker at once. */
  private static Map<String, TopicDescription> describe(KafkaSettings kafka, Admin admin) {
    long deadline = System.nanoTime() + REQUEST_TIMEOUT.toNanos();
    while (true) {
      try {
        List<String> both = List.of(Topics.INBOX, Topics.EVENTS);
        return admin.describeTopics(both).allTopicNames().get();
      } catch (ExecutionException e) {
        boolean young = e.getCause() instanceof UnknownTopicOrPartitionException;
        if (!young || System.nanoTime() > deadline) {
          throw KafkaProblems.unavailable(kafka.bootstrapServers(), e.getCause());
        }
        pause();
      } catch (InterruptedException e) {
        throw KafkaProblems.interrupted(e);
      }
    }
  }

  private static void pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(50);
    } catch (InterruptedException e) {
      throw KafkaProblems.interrupted(e);
    }
  }

  private static <T> T get(KafkaSettings kafka, KafkaFuture<T> future) {
    try {
      return future.get();
    } catch (ExecutionException e) {
      throw KafkaProblems.unavailable(kafka.bootstrapServers(), e.getCause());
    } catch (InterruptedException e) {
      throw KafkaProblems.interrupted(e);
    }
  }
}
