package io.lazaret.eventing.worker;

import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** The consumer of a stage worker. */
final class WorkerConsumer {

  private WorkerConsumer() {}

  static KafkaConsumer<byte[], byte[]> create(WorkerSettings settings, String group) {
    int session = (int) settings.sessionTimeout().toMillis();
    Map<String, Object> fixed = new HashMap<>();
    fixed.put("group.id", group);
    fixed.put("client.id", group + "-" + settings.workerId());
    fixed.put("enable.auto.commit", false);
    fixed.put("auto.offset.reset", "earliest");
    fixed.put("isolation.level", "read_committed");
    fixed.put("max.poll.records", 1);
    fixed.put("session.timeout.ms", session);
    fixed.put("heartbeat.interval.ms", session / 4);
    // A worker that joins must not take running jobs away from the others.
    fixed.put("partition.assignment.strategy", CooperativeStickyAssignor.class.getName());
    if (settings.staticMembership()) {
      fixed.put("group.instance.id", settings.workerId());
    }
    Map<String, Object> defaults = Map.of("fetch.max.wait.ms", 100);
    return new KafkaConsumer<>(
        settings.kafka().client(defaults, fixed),
        new ByteArrayDeserializer(),
        new ByteArrayDeserializer());
  }
}
