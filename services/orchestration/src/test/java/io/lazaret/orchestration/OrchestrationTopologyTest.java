package io.lazaret.orchestration;

import static org.assertj.core.api.Assertions.assertThat;

import io.lazaret.embedded.EmbeddedRegistry;
import io.lazaret.eventing.Envelopes;
import io.lazaret.eventing.Topics;
import io.lazaret.eventing.avro.AvroSerde;
import io.lazaret.eventing.avro.RegistryClient;
import io.lazaret.eventing.avro.RegistrySettings;
import io.lazaret.eventing.avro.SchemaRegistration;
import io.lazaret.schemas.ChannelState;
import io.lazaret.schemas.DetectBackdoor;
import io.lazaret.schemas.EliminateBackdoor;
import io.lazaret.schemas.EvaluateModel;
import io.lazaret.schemas.Producer;
import io.lazaret.schemas.ReleaseAdvanced;
import io.lazaret.schemas.SimulateTrigger;
import io.lazaret.schemas.Stage;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Properties;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OrchestrationTopologyTest {

  private static final Envelopes ENVELOPES =
      new Envelopes(new Producer("test", "1"), Clock.systemUTC());

  @TempDir Path directory;

  private EmbeddedRegistry registry;
  private Serde<SpecificRecord> values;
  private TopologyTestDriver driver;
  private TestInputTopic<String, SpecificRecord> inbox;
  private TestOutputTopic<String, SpecificRecord> events;
  private TestOutputTopic<String, SpecificRecord> releases;

  @BeforeEach
  void open() {
    registry = new EmbeddedRegistry(directory.resolve("registry"), 0);
    RegistryClient client = new RegistryClient(RegistrySettings.of(registry.url()));
    SchemaRegistration.registerAll(client);
    values = new AvroSerde<>(client);
    Properties properties = new Properties();
    properties.put("application.id", "test");
    properties.put("bootstrap.servers", "unused:1");
    properties.put("state.dir", directory.resolve("state").toString());
    properties.put("processing.guarantee", "exactly_once_v2");
    driver =
        new TopologyTestDriver(
            new OrchestrationApp(values, OrchestrationSettings.of("1")).topology(), properties);
    inbox = driver.createInputTopic(Topics.INBOX, new StringSerializer(), values.serializer());
    events = output(Topics.EVENTS);
    releases = output(Topics.RELEASES);
  }

  @AfterEach
  void close() {
    driver.close();
    registry.close();
  }

  @Test
  void wholeWayOfABackdooredModel() {
    inbox.pipeInput("nano", FakeStages.ingested("nano", "s1"));
    inbox.pipeInput("nano", detect());
    inbox.pipeInput("nano", simulate());
    inbox.pipeInput("nano", eliminate());
    inbox.pipeInput("nano", detect());
    inbox.pipeInput("nano", evaluate());

    List<SpecificRecord> record = events.readValuesToList();
    assertThat(record)
        .extracting(event -> event.getSchema().getName())
        .containsExactly(
            "ModelIngested",
            "DetectionCompleted",
            "TriggerSimulated",
            "BackdoorEliminated",
            "DetectionCompleted",
            "EvaluationCompleted",
            "ModelPromoted",
            "ReleaseAdvanced");
    assertThat(record)
        .extracting(event -> Envelopes.of(event).getSequence())
        .containsExactly(0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L);
    assertThat(releases.readKeyValuesToList())
        .singleElement()
        .satisfies(
            release -> {
              assertThat(release.key).isEqualTo("nano/production");
              assertThat(((ChannelState) release.value).getReleased().getDigest())
                  .isEqualTo("sha256:repaired-sha256:original");
            });
  }

  @Test
  void everyRecordTwiceChangesNothing() {
    twice(FakeStages.ingested("nano", "s1"));
    twice(detect());
    twice(simulate());
    twice(eliminate());
    twice(detect());
    twice(evaluate());
    assertThat(events.readValuesToList()).hasSize(8);
    assertThat(releases.readValuesToList()).hasSize(1);
    for (Stage stage : Topics.COMMANDED) {
      assertThat(output(Topics.commands(stage)).isEmpty()).as("left over for " + stage).isTrue();
    }
  }

  @Test
  void closedScreeningLeavesNoHistoryBehind() {
    wholeWayOfABackdooredModel();
    var rows = driver.getKeyValueStore(Histories.OPEN).all();
    assertThat(rows.hasNext()).isFalse();
    rows.close();
    assertThat(driver.getKeyValueStore(Histories.CLOSED).get("s1")).isEqualTo("PROMOTED 8");
  }

  @Test
  void nextReleaseNamesTheOneItReplaces() {
    wholeWayOfABackdooredModel();
    inbox.pipeInput("nano", FakeStages.ingested("nano", "s2"));
    inbox.pipeInput("nano", detect());
    inbox.pipeInput("nano", simulate());
    inbox.pipeInput("nano", eliminate());
    inbox.pipeInput("nano", detect());
    inbox.pipeInput("nano", evaluate());
    ReleaseAdvanced second =
        (ReleaseAdvanced) events.readValuesToList().stream().reduce((a, b) -> b).orElseThrow();
    assertThat(second.getPrevious().getDigest()).isEqualTo("sha256:repaired-sha256:original");
  }

  @Test
  void otherModelsChannelsAreNotMixedUp() {
    wholeWayOfABackdooredModel();
    inbox.pipeInput("nan", FakeStages.ingested("nan", "s3"));
    inbox.pipeInput("nan", detect());
    inbox.pipeInput("nan", simulate());
    inbox.pipeInput("nan", eliminate());
    inbox.pipeInput("nan", detect());
    inbox.pipeInput("nan", evaluate());
    ReleaseAdvanced other =
        (ReleaseAdvanced) events.readValuesToList().stream().reduce((a, b) -> b).orElseThrow();
    assertThat(other.getPrevious()).isNull();
  }

  private void twice(SpecificRecord record) {
    inbox.pipeInput("nano", record);
    inbox.pipeInput("nano", record);
  }

  private SpecificRecord detect() {
    DetectBackdoor command = (DetectBackdoor) output(Topics.commands(Stage.DETECTION)).readValue();
    return FakeStages.detect(command, FakeStages.context(ENVELOPES, command));
  }

  private SpecificRecord simulate() {
    SimulateTrigger command =
        (SimulateTrigger) output(Topics.commands(Stage.SIMULATION)).readValue();
    return FakeStages.simulate(command, FakeStages.context(ENVELOPES, command));
  }

  private SpecificRecord eliminate() {
    EliminateBackdoor command =
        (EliminateBackdoor) output(Topics.commands(Stage.ELIMINATION)).readValue();
    return FakeStages.eliminate(command, FakeStages.context(ENVELOPES, command));
  }

  private SpecificRecord evaluate() {
    EvaluateModel command = (EvaluateModel) output(Topics.commands(Stage.EVALUATION)).readValue();
    return FakeStages.evaluate(command, FakeStages.context(ENVELOPES, command));
  }

  private TestOutputTopic<String, SpecificRecord> output(String topic) {
    return driver.createOutputTopic(topic, new StringDeserializer(), values.deserializer());
  }
}
