package io.lazaret.embedded;

import java.nio.file.Path;
import java.util.Properties;

/** The broker's configuration: one node, loopback only, small. */
final class BrokerProperties {

  static final int NODE_ID = 1;
  static final String CONTROLLER = "CONTROLLER";

  private BrokerProperties() {}

  static Properties of(Path data, int port, int controllerPort, EmbeddedKafkaSettings settings) {
    Properties p = new Properties();
    String broker = "PLAINTEXT://" + LoopbackPort.HOST + ":" + port;
    String controller = LoopbackPort.HOST + ":" + controllerPort;
    p.put("process.roles", "broker,controller");
    set(p, "node.id", NODE_ID);
    p.put("controller.quorum.voters", NODE_ID + "@" + controller);
    p.put("controller.listener.names", CONTROLLER);
    p.put("listeners", broker + "," + CONTROLLER + "://" + controller);
    p.put("advertised.listeners", broker);
    p.put("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT");
    p.put("inter.broker.listener.name", "PLAINTEXT");
    p.put("log.dirs", data.toString());
    p.put("auto.create.topics.enable", "false");
    set(p, "log.segment.bytes", settings.segmentBytes());
    set(p, "broker.session.timeout.ms", settings.brokerSession().toMillis());
    set(p, "broker.heartbeat.interval.ms", settings.brokerSession().toMillis() / 8);
    set(p, "initial.broker.registration.timeout.ms", settings.startTimeout().toMillis());
    set(p, "server.max.startup.time.ms", settings.startTimeout().toMillis());
    oneNode(p, settings.internalPartitions());
    small(p);
    return p;
  }

  private static void oneNode(Properties p, int internalPartitions) {
    set(p, "offsets.topic.replication.factor", 1);
    set(p, "offsets.topic.num.partitions", internalPartitions);
    set(p, "transaction.state.log.replication.factor", 1);
    set(p, "transaction.state.log.min.isr", 1);
    set(p, "transaction.state.log.num.partitions", internalPartitions);
    set(p, "share.coordinator.state.topic.replication.factor", 1);
    set(p, "share.coordinator.state.topic.min.isr", 1);
    // Nobody else is going to join within the default 3 s.
    set(p, "group.initial.rebalance.delay.ms", 0);
  }

  private static void small(Properties p) {
    set(p, "num.network.threads", 2);
    set(p, "num.io.threads", 4);
    set(p, "background.threads", 2);
    set(p, "num.recovery.threads.per.data.dir", 2);
    set(p, "group.coordinator.threads", 1);
    set(p, "share.coordinator.threads", 1);
    set(p, "log.cleaner.threads", 1);
    set(p, "log.cleaner.dedupe.buffer.size", 2 << 20);
    set(p, "log.index.size.max.bytes", 1 << 20);
    set(p, "offsets.topic.segment.bytes", 16 << 20);
    set(p, "transaction.state.log.segment.bytes", 16 << 20);
    set(p, "metadata.log.segment.bytes", 16 << 20);
  }

  private static void set(Properties p, String key, long value) {
    p.put(key, String.valueOf(value));
  }
}
