package io.lazaret.eventing;

import io.lazaret.schemas.DetectBackdoor;
import io.lazaret.schemas.DetectionCompleted;
import io.lazaret.schemas.DetectionRound;
import io.lazaret.schemas.DetectionVerdict;
import io.lazaret.schemas.Envelope;
import io.lazaret.schemas.Ids;
import io.lazaret.schemas.Job;
import io.lazaret.schemas.ModelRef;
import io.lazaret.schemas.ObjectRef;
import io.lazaret.schemas.Producer;
import io.lazaret.schemas.ScreeningInputs;
import io.lazaret.schemas.Stage;
import io.lazaret.schemas.StageProgress;
import java.time.Instant;
import java.util.List;

/** Records for tests. */
public final class Examples {

  public static final Instant NOON = Instant.parse("2026-01-02T12:00:00Z");
  public static final Producer PRODUCER = new Producer("test", "1");

  private Examples() {}

  public static Envelope envelope(String type, String screeningId, String model) {
    return Envelope.newBuilder()
        .setEventId(Ids.derive(type, screeningId))
        .setType(type)
        .setScreeningId(screeningId)
        .setModelName(model)
        .setOccurredAt(NOON)
        .setCorrelationId("correlation")
        .setTraceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
        .setProducer(PRODUCER)
        .build();
  }

  public static DetectBackdoor detect(String screeningId, String model) {
    return detect(screeningId, model, null);
  }

  public static DetectBackdoor detect(String screeningId, String model, Instant notBefore) {
    ObjectRef prompts = new ObjectRef("lazaret", "data/prompts", "0".repeat(64), 7L);
    return DetectBackdoor.newBuilder()
        .setEnvelope(envelope("DetectBackdoor", screeningId, model))
        .setJob(
            Job.newBuilder()
                .setJobId(Ids.job(screeningId, Stage.DETECTION, 1, 1))
                .setStage(Stage.DETECTION)
                .setRound(1)
                .setAttempt(1)
                .setSeed(7)
                .setNotBefore(notBefore)
                .build())
        .setModel(new ModelRef(model, "sha256:" + "1".repeat(64), "LlamaForCausalLM", 1_000L))
        .setInputs(
            ScreeningInputs.newBuilder().setPrompts(prompts).setPolicy("{}").setSeed(7).build())
        .build();
  }

  public static DetectionCompleted detected(Envelope envelope, Job job, String explanation) {
    return new DetectionCompleted(
        envelope,
        job,
        DetectionRound.newBuilder()
            .setRound(1)
            .setModelDigest("sha256:" + "1".repeat(64))
            .setVerdict(DetectionVerdict.CLEAN)
            .setSegments(List.of())
            .setBestScore(0.25)
            .setThreshold(0.5)
            .setExplanation(explanation)
            .setDurationSeconds(1.5)
            .build());
  }

  public static StageProgress progress() {
    return StageProgress.newBuilder()
        .setScreeningId("s")
        .setModelName("m")
        .setJobId("j")
        .setStage(Stage.DETECTION)
        .setRound(1)
        .setAttempt(2)
        .setFraction(0.5)
        .setMessage("half")
        .setOccurredAt(Instant.ofEpochMilli(1))
        .build();
  }
}
