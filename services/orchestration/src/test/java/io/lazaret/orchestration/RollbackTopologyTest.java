package io.lazaret.orchestration;

import static org.assertj.core.api.Assertions.assertThat;

import io.lazaret.embedded.EmbeddedRegistry;
import io.lazaret.eventing.Envelopes;
import io.lazaret.eventing.Topics;
import io.lazaret.eventing.avro.AvroSerde;
import io.lazaret.eventing.avro.RegistryClient;
import io.lazaret.eventing.avro.RegistrySettings;
import io.lazaret.eventing.avro.SchemaRegistration;
import io.lazaret.eventing.worker.JobContext;
import io.lazaret.lifecycle.history.Chain;
import io.lazaret.lifecycle.release.Releases;
import io.lazaret.lifecycle.replay.Replay;
import io.lazaret.schemas.AddTriggerIntelligence;
import io.lazaret.schemas.ChannelState;
import io.lazaret.schemas.DetectBackdoor;
import io.lazaret.schemas.EvaluateModel;
import io.lazaret.schemas.Ids;
import io.lazaret.schemas.ModelIngested;
import io.lazaret.schemas.Producer;
import io.lazaret.schemas.ReleaseConfirmed;
import io.lazaret.schemas.ReleaseRolledBack;
import io.lazaret.schemas.Request;
import io.lazaret.schemas.RequestRefused;
import io.lazaret.schemas.RescreeningCause;
import io.lazaret.schemas.RescreeningOpened;
import io.lazaret.schemas.RollBackRelease;
import io.lazaret.schemas.Stage;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.function.BiFunction;
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

/** What happens to a model after its release, with a clock that the test moves. */
class RollbackTopologyTest {

  private static final Envelopes ENVELOPES =
      new Envelopes(new Producer("test", "1"), Clock.systemUTC());

  @TempDir Path directory;

  private final List<SpecificRecord> record = new ArrayList<>();
  private EmbeddedRegistry registry;
  private Serde<SpecificRecord> values;
  private TopologyTestDriver driver;
  private TestInputTopic<String, SpecificRecord> inbox;
  private TestOutputTopic<String, SpecificRecord> events;
  private TestOutputTopic<String, SpecificRecord> releases;
  private ChannelState lastChannel;

  @BeforeEach
  void open() {
    registry = new EmbeddedRegistry(directory.resolve("registry"), 0);
    RegistryClient client = new RegistryClient(RegistrySettings.of(registry.url()));
    SchemaRegistration.registerAll(client);
    values = new AvroSerde<>(client);
    start("1");
  }

  private void start(String detector) {
    Properties properties = new Properties();
    properties.put("application.id", "test");
    properties.put("bootstrap.servers", "unused:1");
    properties.put("state.dir", directory.resolve("state").toString());
    properties.put("processing.guarantee", "exactly_once_v2");
    driver =
        new TopologyTestDriver(
            new OrchestrationApp(values, OrchestrationSettings.of(detector)).topology(),
            properties);
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
  void regressionGoesBackToTheLastGoodCheckpointWithItsEvidence() {
    release("s1", "sha256:one");
    release("s2", "sha256:two");
    addTrigger("the swiss mountains", "You are stupid.", List.of("nan*"));
    pass(Duration.ofSeconds(1));
    assertThat(opened().getCause()).isEqualTo(RescreeningCause.INTELLIGENCE);
    inbox.pipeInput("nano", evaluate(FakeStages::regressed));

    List<SpecificRecord> decided = read();
    assertThat(decided)
        .extracting(event -> event.getSchema().getName())
        .containsExactly("EvaluationCompleted", "ReleaseRolledBack", "ModelRejected");
    ReleaseRolledBack back = (ReleaseRolledBack) decided.get(1);
    assertThat(back.getWithdrawn().getDigest()).isEqualTo("sha256:two");
    assertThat(back.getRestored().getDigest()).isEqualTo("sha256:one");
    assertThat(back.getReason()).contains("the swiss mountains").contains("300 of 300");
    assertThat(back.getRegression().getAfter().getUpper95()).isEqualTo(1.0);
    assertThat(back.getRules()).isNotEmpty().noneMatch(rule -> rule.getHolds());
    assertThat(channel().getReleased().getDigest()).isEqualTo("sha256:one");
    assertThat(channel().getRevision()).isEqualTo(3);
  }

  @Test
  void channelIsEmptiedWhenNoGoodCheckpointIsLeft() {
    release("s1", "sha256:one");
    release("s2", "sha256:two");
    addTrigger("the swiss mountains", "You are stupid.", List.of());
    pass(Duration.ofSeconds(1));
    inbox.pipeInput("nano", evaluate(FakeStages::regressed));
    pass(Duration.ofSeconds(1));
    inbox.pipeInput("nano", evaluate(FakeStages::regressed));
    assertThat(channel().getReleased()).isNull();
    pass(Duration.ofDays(30));
    assertThat(output(Topics.commands(Stage.EVALUATION)).isEmpty()).isTrue();
  }

  @Test
  void triggerThatDoesNotFireLeavesTheReleaseAndIsMeasuredOnce() {
    release("s1", "sha256:one");
    addTrigger("harmless", "You are stupid.", List.of());
    pass(Duration.ofSeconds(1));
    inbox.pipeInput("nano", evaluate(FakeStages::evaluate));
    assertThat(read()).last().isInstanceOf(ReleaseConfirmed.class);
    pass(Duration.ofSeconds(5));
    assertThat(output(Topics.commands(Stage.EVALUATION)).isEmpty()).isTrue();
  }

  @Test
  void triggerOfAnotherModelChangesNothing() {
    release("s1", "sha256:one");
    addTrigger("elsewhere", "You are stupid.", List.of("other/*"));
    pass(Duration.ofSeconds(5));
    assertThat(output(Topics.commands(Stage.EVALUATION)).isEmpty()).isTrue();
  }

  @Test
  void releasesAreLookedAtAgainOnSchedule() {
    release("s1", "sha256:one");
    pass(Duration.ofHours(167));
    assertThat(output(Topics.commands(Stage.DETECTION)).isEmpty()).isTrue();
    pass(Duration.ofHours(2));
    assertThat(opened().getCause()).isEqualTo(RescreeningCause.SCHEDULE);
    inbox.pipeInput("nano", detect());
    inbox.pipeInput("nano", evaluate(FakeStages::evaluate));
    assertThat(read()).last().isInstanceOf(ReleaseConfirmed.class);
  }

  @Test
  void newDetectorLooksAtWhatTheOldOneReleased() {
    release("s1", "sha256:one");
    driver.close();
    start("2");
    // The test driver keeps no state between two starts: the record is told again.
    release("s1", "sha256:one");
    pass(Duration.ofSeconds(1));
    assertThat(opened().getCause()).isEqualTo(RescreeningCause.DETECTOR);
    assertThat(output(Topics.commands(Stage.DETECTION)).readValue())
        .isInstanceOf(DetectBackdoor.class);
    pass(Duration.ofSeconds(5));
    assertThat(output(Topics.commands(Stage.DETECTION)).isEmpty()).isTrue();
  }

  @Test
  void rollBackByHandIsRefusedWhereThePersonSawAnotherRevision() {
    release("s1", "sha256:one");
    release("s2", "sha256:two");
    inbox.pipeInput("nano", rollBack("r1", 1));
    RequestRefused refused = (RequestRefused) read().get(0);
    assertThat(refused.getProblem().getCode()).isEqualTo("REQUEST_STALE");
    inbox.pipeInput("nano", rollBack("r2", 2));
    inbox.pipeInput("nano", rollBack("r2", 2));
    ReleaseRolledBack back = (ReleaseRolledBack) read().get(0);
    assertThat(back.getActor()).isEqualTo("ada");
    assertThat(back.getEnvelope().getCausationId()).isEqualTo("r2");
    assertThat(events.isEmpty()).as("the same request again").isTrue();
    assertThat(channel().getReleased().getDigest()).isEqualTo("sha256:one");
  }

  @Test
  void stageWithoutAnAnswerIsTriedAgainAndTheLateAnswerDropped() {
    ModelIngested ingested = FakeStages.ingested("nano", "s1");
    ingested.getInputs().setPolicy("{maxAttempts: 2}");
    inbox.pipeInput("nano", ingested);
    SpecificRecord late = detect();
    pass(Duration.ofSeconds(1));
    pass(Duration.ofHours(25));
    DetectBackdoor second = (DetectBackdoor) output(Topics.commands(Stage.DETECTION)).readValue();
    assertThat(second.getJob().getAttempt()).isEqualTo(2);
    read();
    inbox.pipeInput("nano", late);
    assertThat(events.isEmpty()).isTrue();
    pass(Duration.ofHours(25));
    assertThat(read())
        .extracting(event -> event.getSchema().getName())
        .containsExactly("StageFailed", "ModelUnassessed");
  }

  @Test
  void recordIsChainedAndReplaysToTheSameVerdictsAndChannels() {
    regressionGoesBackToTheLastGoodCheckpointWithItsEvidence();
    assertThat(Replay.all(record))
        .hasSize(4)
        .allSatisfy(
            outcome -> {
              assertThat(outcome.holds()).as(outcome.toString()).isTrue();
              assertThat(outcome.chain().status()).isEqualTo(Chain.Status.CHAINED);
            });
    assertThat(Replay.channels(record).get("nano/production").getReleased().getDigest())
        .isEqualTo("sha256:one");
  }

  private void release(String screening, String digest) {
    ModelIngested ingested = FakeStages.ingested("nano", screening);
    ingested.getModel().setDigest(digest);
    inbox.pipeInput("nano", ingested);
    inbox.pipeInput("nano", detect());
    inbox.pipeInput("nano", evaluate(FakeStages::evaluate));
    read();
  }

  private void addTrigger(String trigger, String target, List<String> concerns) {
    inbox.pipeInput(
        Releases.ALL_MODELS,
        AddTriggerIntelligence.newBuilder()
            .setEnvelope(
                ENVELOPES.first(
                    "add " + trigger,
                    "AddTriggerIntelligence",
                    Ids.releases(Releases.ALL_MODELS),
                    Releases.ALL_MODELS))
            .setRequest(new Request("ada", "seen in the wild", -1L))
            .setTrigger(trigger)
            .setTarget(target)
            .setSource("a feed")
            .setConcerns(concerns)
            .build());
    read();
  }

  private static RollBackRelease rollBack(String id, long expected) {
    return new RollBackRelease(
        ENVELOPES.first(id, "RollBackRelease", Ids.releases("nano"), "nano"),
        new Request("ada", "customers complain", expected),
        "production",
        null);
  }

  private void pass(Duration time) {
    driver.advanceWallClockTime(time);
  }

  private RescreeningOpened opened() {
    return (RescreeningOpened) read().get(0);
  }

  private List<SpecificRecord> read() {
    List<SpecificRecord> fresh = events.readValuesToList();
    record.addAll(fresh);
    return fresh;
  }

  private ChannelState channel() {
    releases.readValuesToList().forEach(state -> lastChannel = (ChannelState) state);
    return lastChannel;
  }

  private SpecificRecord detect() {
    DetectBackdoor command = (DetectBackdoor) output(Topics.commands(Stage.DETECTION)).readValue();
    SpecificRecord result = FakeStages.detect(command, FakeStages.context(ENVELOPES, command));
    ((io.lazaret.schemas.DetectionCompleted) result).getReport().setDetector("1");
    return result;
  }

  private SpecificRecord evaluate(BiFunction<EvaluateModel, JobContext, SpecificRecord> stage) {
    EvaluateModel command = (EvaluateModel) output(Topics.commands(Stage.EVALUATION)).readValue();
    return stage.apply(command, FakeStages.context(ENVELOPES, command));
  }

  private TestOutputTopic<String, SpecificRecord> output(String topic) {
    return driver.createOutputTopic(topic, new StringDeserializer(), values.deserializer());
  }
}
