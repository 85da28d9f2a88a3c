package io.lazaret.eventing.streams;

import java.util.Map;
import org.apache.kafka.streams.Topology;

/** One topology with a name of its own; several run in one process. */
public interface StreamsApp {

  /** Short name; the application id is {@code lazaret-<name>}. */
  String name();

  Topology topology();

  /** Streams properties that differ from the runner's, e.g. {@code commit.interval.ms}. */
  default Map<String, Object> properties() {
    return Map.of();
  }
}
