package io.lazaret.console;

import static org.assertj.core.api.Assertions.assertThat;

import io.lazaret.schemas.Decision;
import io.lazaret.schemas.DetectionVerdict;
import io.lazaret.schemas.Envelope;
import io.lazaret.schemas.Ids;
import io.lazaret.schemas.ModelIngested;
import io.lazaret.schemas.ModelRef;
import io.lazaret.schemas.ModelUnassessed;
import io.lazaret.schemas.ObjectRef;
import io.lazaret.schemas.Problem;
import io.lazaret.schemas.Producer;
import io.lazaret.schemas.ScreeningInputs;
import io.lazaret.schemas.Stage;
import io.lazaret.schemas.StageProgress;
import io.lazaret.schemas.Verdict;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.Test;

class ProjectionTest {

  private final Projection projection = new Projection();

  @Test
  void showsTheStageAtWorkAndThenTheVerdict() {
    projection.event(ingested("s", 0));
    projection.progress(progress("s", 1, 0.5));
    ScreeningView working = projection.screening("s").orElseThrow();
    assertThat(working.toJson().path("state").asText()).isEqualTo("DETECTION");
    assertThat(working.toJson().path("fraction").asDouble()).isEqualTo(0.5);
    assertThat(working.toJson().path("verdict").isNull()).isTrue();

    projection.event(unassessed("s", 1));
    ScreeningView done = projection.screening("s").orElseThrow();
    assertThat(done.toJson().path("state").asText()).isEqualTo("UNASSESSED");
    assertThat(done.toJson().path("verdict").path("decision").asText()).isEqualTo("UNASSESSED");
    assertThat(done.toJson().has("fraction")).isFalse();
  }

  @Test
  void aRecordThatIsReadTwiceCountsOnce() {
    projection.event(ingested("s", 0));
    projection.event(ingested("s", 0));
    assertThat(projection.screening("s").orElseThrow().events()).hasSize(1);
  }

  @Test
  void aLateHeartbeatDoesNotReopenAFinishedScreening() {
    projection.event(ingested("s", 0));
    projection.event(unassessed("s", 1));
    projection.progress(progress("s", 1, 0.9));
    assertThat(projection.screening("s").orElseThrow().progress()).isNull();
  }

  @Test
  void aHeartbeatOfAnotherAttemptSaysNothingOfThisOne() {
    projection.event(ingested("s", 0));
    projection.progress(progress("s", 2, 0.9));
    ScreeningView view = projection.screening("s").orElseThrow();
    assertThat(view.toJson().path("fraction").asDouble()).isZero();
    assertThat(view.toJson().path("message").asText()).isEqualTo("waiting for a worker");
  }

  @Test
  void listsNewestFirstAndByModel() {
    projection.event(ingested("a", 0));
    projection.event(ingested("b", 5));
    assertThat(projection.screenings(Optional.empty(), 10))
        .extracting(ScreeningView::screeningId)
        .containsExactly("b", "a");
    assertThat(projection.screenings(Optional.of("other"), 10)).isEmpty();
    assertThat(projection.screenings(Optional.empty(), 1)).hasSize(1);
  }

  @Test
  void listenersHearEachEventOnce() {
    List<SpecificRecord> heard = new ArrayList<>();
    projection.listen((id, record) -> heard.add(record));
    projection.event(ingested("s", 0));
    projection.event(ingested("s", 0));
    projection.progress(progress("s", 1, 0.1));
    assertThat(heard).hasSize(2);
  }

  private static Envelope envelope(String id, String type, long sequence, long second) {
    return Envelope.newBuilder()
        .setEventId(id + sequence)
        .setType(type)
        .setScreeningId(id)
        .setModelName("nano")
        .setSequence(sequence)
        .setOccurredAt(Instant.ofEpochSecond(1_000 + second))
        .setProducer(new Producer("test", "1"))
        .build();
  }

  private static ModelRef model() {
    return new ModelRef("nano", "sha256:0", "LlamaForCausalLM", 1L);
  }

  private static ModelIngested ingested(String id, long second) {
    return ModelIngested.newBuilder()
        .setEnvelope(envelope(id, "ModelIngested", 0, second))
        .setModel(model())
        .setInputs(
            ScreeningInputs.newBuilder()
                .setPrompts(new ObjectRef("b", "k", "0", 1L))
                .setPolicy("{}")
                .setSeed(7)
                .build())
        .build();
  }

  private static ModelUnassessed unassessed(String id, long sequence) {
    return ModelUnassessed.newBuilder()
        .setEnvelope(envelope(id, "ModelUnassessed", sequence, 9))
        .setVerdict(
            Verdict.newBuilder()
                .setScreeningId(id)
                .setModel(model())
                .setDetection(DetectionVerdict.UNASSESSED)
                .setRounds(List.of())
                .setDecision(Decision.UNASSESSED)
                .setRules(List.of())
                .setReasons(List.of("lost"))
                .setProblem(new Problem("X", "lost", "look", false))
                .setDurationSeconds(1)
                .build())
        .build();
  }

  private static StageProgress progress(String id, int attempt, double fraction) {
    return StageProgress.newBuilder()
        .setScreeningId(id)
        .setModelName("nano")
        .setJobId(Ids.job(id, Stage.DETECTION, 1, attempt))
        .setStage(Stage.DETECTION)
        .setRound(1)
        .setAttempt(attempt)
        .setFraction(fraction)
        .setMessage("searching")
        .setOccurredAt(Instant.ofEpochSecond(1))
        .build();
  }
}
