package io.lazaret.eventing;

import io.lazaret.schemas.Stage;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The settings of all topics; nothing is left to the broker's defaults.
 *
 * @param partitions of inbox, events, progress, releases and each work queue; inbox and events must
 *     agree, because a model's history is decided where its inbox is read. Default 4
 * @param replication copies of every record; 1 on one broker, 3 on a real cluster. Default 1
 * @param progressRetention how long heartbeats stay. Default 1 day
 * @param workRetention how long inbox, commands and dead letters stay: longer than any outage that
 *     is to be survived. Default 90 days
 * @param maxRecordBytes the largest record a topic takes. Default 1 MiB
 */
public record TopicPlan(
    int partitions,
    short replication,
    Duration progressRetention,
    Duration workRetention,
    int maxRecordBytes) {

  private static final String FOR_EVER = "-1";

  public TopicPlan {
    if (partitions < 1 || replication < 1) {
      throw new IllegalArgumentException("partitions and replication are at least 1");
    }
  }

  /** One broker. */
  public static TopicPlan embedded() {
    return replicated(1);
  }

  /** A cluster of at least {@code replication} brokers. */
  public static TopicPlan replicated(int replication) {
    return new TopicPlan(4, (short) replication, Duration.ofDays(1), Duration.ofDays(90), 1 << 20);
  }

  public TopicPlan withPartitions(int count) {
    return new TopicPlan(count, replication, progressRetention, workRetention, maxRecordBytes);
  }

  /** One topic. */
  record Topic(String name, int partitions, Map<String, String> config) {}

  /** All topics by name, dead letters included. */
  Map<String, Topic> topics() {
    Map<String, Topic> topics = new LinkedHashMap<>();
    String work = String.valueOf(workRetention.toMillis());
    add(topics, Topics.INBOX, partitions, deleted(work));
    add(topics, Topics.EVENTS, partitions, deleted(FOR_EVER));
    for (Stage stage : Topics.COMMANDED) {
      add(topics, Topics.commands(stage), partitions, deleted(work));
    }
    add(topics, Topics.RELEASES, partitions, compacted());
    add(topics, Topics.TRIGGERS, 1, compacted());
    for (String topic : topics.keySet().toArray(String[]::new)) {
      add(topics, Topics.deadLetters(topic), 1, deleted(work));
    }
    String progress = String.valueOf(progressRetention.toMillis());
    add(topics, Topics.PROGRESS, partitions, deleted(progress));
    add(topics, Topics.AUDIT, 1, deleted(FOR_EVER));
    return topics;
  }

  private void add(
      Map<String, Topic> topics, String name, int partitionCount, Map<String, String> config) {
    Map<String, String> all = new LinkedHashMap<>(config);
    all.put("max.message.bytes", String.valueOf(maxRecordBytes));
    all.put("min.insync.replicas", replication >= 3 ? "2" : "1");
    all.put("compression.type", "producer");
    all.put("message.timestamp.type", "CreateTime");
    topics.put(name, new Topic(name, partitionCount, all));
  }

  private static Map<String, String> deleted(String retentionMillis) {
    return Map.of(
        "cleanup.policy", "delete", "retention.ms", retentionMillis, "retention.bytes", FOR_EVER);
  }

  private static Map<String, String> compacted() {
    return Map.of("cleanup.policy", "compact", "min.cleanable.dirty.ratio", "0.1");
  }
}
