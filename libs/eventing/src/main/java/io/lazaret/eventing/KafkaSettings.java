package io.lazaret.eventing;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/**
 * How to reach Kafka.
 *
 * @param bootstrapServers {@code host:port[,host:port…]}
 * @param properties client properties that every client gets, such as {@code security.protocol} and
 *     {@code sasl.jaas.config}; they win over the defaults of this library but not over what its
 *     guarantees rest on (acks, isolation, transactional ids)
 */
public record KafkaSettings(String bootstrapServers, Map<String, String> properties) {

  public KafkaSettings {
    Objects.requireNonNull(bootstrapServers, "bootstrapServers");
    properties = Map.copyOf(properties);
  }

  /** A cluster that needs no credentials. */
  public static KafkaSettings of(String bootstrapServers) {
    return new KafkaSettings(bootstrapServers, Map.of());
  }

  /** The properties of one client: {@code defaults}, then the common ones, then {@code fixed}. */
  public Map<String, Object> client(Map<String, ?> defaults, Map<String, ?> fixed) {
    Map<String, Object> all = new HashMap<>(defaults);
    all.putAll(properties);
    all.put("bootstrap.servers", bootstrapServers);
    all.putAll(fixed);
    return all;
  }

  /** Names the cluster and the keys set, never the values: those may be credentials. */
  @Override
  public String toString() {
    return "KafkaSettings[" + bootstrapServers + ", properties=" + properties.keySet() + "]";
  }
}
