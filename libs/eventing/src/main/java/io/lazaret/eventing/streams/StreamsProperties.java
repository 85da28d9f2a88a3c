package io.lazaret.eventing.streams;

import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.serialization.Serdes;

/** The properties of one application: exactly once, and latency before throughput. */
final class StreamsProperties {

  private static final int BATCH_BYTES = 128 << 10;

  private StreamsProperties() {}

  static Map<String, Object> of(
      StreamsSettings settings, StreamsApp app, DeadLetterSink deadLetters) {
    Map<String, Object> defaults = new HashMap<>();
    defaults.put("num.stream.threads", 1);
    defaults.put("commit.interval.ms", settings.commitInterval().toMillis());
    defaults.put("poll.ms", 10);
    defaults.put("statestore.cache.max.bytes", 0);
    defaults.put("replication.factor", settings.replication());
    defaults.put("default.key.serde", Serdes.StringSerde.class);
    defaults.put("rocksdb.config.setter", BoundedRocksDb.class);
    // A commit flushes at once, so this costs no latency, and a full inbox goes out in batches.
    defaults.put("producer.linger.ms", settings.commitInterval().toMillis());
    // Of a full inbox, a transaction fills several of the small default ones for each partition.
    defaults.put("producer.batch.size", BATCH_BYTES);
    // A second batch could overtake the first of a transaction, which the broker holds while it
    // looks the transaction up: refused, and sent again a tenth of a second later.
    defaults.put("producer.max.in.flight.requests.per.connection", 1);
    defaults.put("consumer.fetch.max.wait.ms", 50);
    defaults.put("consumer.auto.offset.reset", "earliest");
    // A clean stop hands the partitions over at once; Streams would let the session run out.
    defaults.put("consumer.internal.leave.group.on.close", true);
    int session = (int) settings.sessionTimeout().toMillis();
    defaults.put("consumer.session.timeout.ms", session);
    defaults.put("consumer.heartbeat.interval.ms", session / 4);
    settings
        .instanceId()
        .ifPresent(id -> defaults.put("consumer.group.instance.id", id + "-" + app.name()));
    defaults.putAll(app.properties());
    Map<String, Object> fixed = new HashMap<>();
    fixed.put("application.id", "lazaret-" + app.name());
    fixed.put("state.dir", settings.stateDir().toString());
    fixed.put("processing.guarantee", "exactly_once_v2");
    fixed.put("deserialization.exception.handler", DeadLetterHandler.class);
    fixed.put("processing.exception.handler", DeadLetterHandler.class);
    fixed.put(DeadLetterHandler.SINK, deadLetters);
    return settings.kafka().client(defaults, fixed);
  }
}
