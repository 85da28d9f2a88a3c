package io.lazaret.orchestration;

import io.lazaret.eventing.Topics;
import io.lazaret.eventing.streams.StreamsApp;
import io.lazaret.schemas.Stage;
import io.lazaret.service.PlatformSettings;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
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
  static final String TRIGGERS = "triggers";

  private static final String INBOX = "inbox";
  private static final String LIFECYCLE = "lifecycle";
  private static final String INTELLIGENCE = "intelligence";

  private final Serde<SpecificRecord> values;
  private final OrchestrationSettings settings;
  private final AtomicLong intelligenceArrivals = new AtomicLong();

  @Inject
  public OrchestrationApp(Serde<SpecificRecord> values, PlatformSettings platform) {
    this(values, OrchestrationSettings.of(platform.detector()));
  }

  /** With settings of one's own. */
  public OrchestrationApp(Serde<SpecificRecord> values, OrchestrationSettings settings) {
    this.values = values;
    this.settings = settings;
  }

  @Override
  public String name() {
    return "orchestration";
  }

  @Override
  public Topology topology() {
    Topology topology = new Topology();
    topology.addSource(INBOX, new StringDeserializer(), values.deserializer(), Topics.INBOX);
    topology.addProcessor(
        LIFECYCLE, () -> new LifecycleProcessor(settings, values, intelligenceArrivals), INBOX);
    topology.addGlobalStore(
        Stores.keyValueStoreBuilder(
                Stores.inMemoryKeyValueStore(Intelligence.STORE), Serdes.String(), values)
            .withLoggingDisabled(),
        INTELLIGENCE,
        new StringDeserializer(),
        values.deserializer(),
        Topics.TRIGGERS,
        INTELLIGENCE + "-intake",
        () -> new Intelligence.Intake(intelligenceArrivals));
    topology.addStateStore(
        Stores.keyValueStoreBuilder(
            Stores.persistentKeyValueStore(Histories.OPEN), Serdes.String(), Serdes.ByteArray()),
        LIFECYCLE);
    topology.addStateStore(
        Stores.keyValueStoreBuilder(
            Stores.persistentKeyValueStore(Histories.CLOSED), Serdes.String(), Serdes.String()),
        LIFECYCLE);
    topology.addStateStore(
        Stores.keyValueStoreBuilder(
            Stores.persistentKeyValueStore(Registers.STORE), Serdes.String(), values),
        LIFECYCLE);
    sink(topology, EVENTS, Topics.EVENTS);
    sink(topology, RELEASES, Topics.RELEASES);
    sink(topology, TRIGGERS, Topics.TRIGGERS);
    Topics.COMMANDED.forEach(stage -> sink(topology, commands(stage), Topics.commands(stage)));
    return topology;
  }

  private void sink(Topology topology, String name, String topic) {
    topology.addSink(name, topic, new StringSerializer(), new ByteArraySerializer(), LIFECYCLE);
  }

  /** Name of the sink that takes the commands of a stage. */
  static String commands(Stage stage) {
    return "commands-" + stage.name().toLowerCase(Locale.ROOT);
  }
}
