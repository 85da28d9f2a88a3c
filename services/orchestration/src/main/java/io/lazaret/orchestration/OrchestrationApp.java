package io.lazaret.orchestration;

import io.lazaret.eventing.Topics;
import io.lazaret.eventing.streams.StreamsApp;
import io.lazaret.schemas.Stage;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.Locale;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.state.Stores;

/** Inbox → lifecycle → events, commands, releases; exactly once. */
@ApplicationScoped
public class OrchestrationApp implements StreamsApp {

  static final String EVENTS = "events";
  static final String RELEASES = "releases";

  private static final String INBOX = "inbox";
  private static final String LIFECYCLE = "lifecycle";

  private final Serde<SpecificRecord> values;

  @Inject
  public OrchestrationApp(Serde<SpecificRecord> values) {
    this.values = values;
  }

  @Override
  public String name() {
    return "orchestration";
  }

  @Override
  public Topology topology() {
    Topology topology = new Topology();
    topology.addSource(INBOX, new StringDeserializer(), values.deserializer(), Topics.INBOX);
    topology.addProcessor(LIFECYCLE, LifecycleProcessor::new, INBOX);
    topology.addStateStore(
        Stores.keyValueStoreBuilder(
            Stores.persistentKeyValueStore(Histories.OPEN), Serdes.String(), values),
        LIFECYCLE);
    topology.addStateStore(
        Stores.keyValueStoreBuilder(
            Stores.persistentKeyValueStore(Histories.CLOSED), Serdes.String(), Serdes.String()),
        LIFECYCLE);
    topology.addStateStore(
        Stores.keyValueStoreBuilder(
            Stores.persistentKeyValueStore(Channels.STORE), Serdes.String(), values),
        LIFECYCLE);
    sink(topology, EVENTS, Topics.EVENTS);
    sink(topology, RELEASES, Topics.RELEASES);
    Topics.COMMANDED.forEach(stage -> sink(topology, commands(stage), Topics.commands(stage)));
    return topology;
  }

  private void sink(Topology topology, String name, String topic) {
    topology.addSink(name, topic, new StringSerializer(), values.serializer(), LIFECYCLE);
  }

  /** Name of the sink that takes the commands of a stage. */
  static String commands(Stage stage) {
    return "commands-" + stage.name().toLowerCase(Locale.ROOT);
  }
}
