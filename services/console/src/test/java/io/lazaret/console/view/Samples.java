package io.lazaret.console.view;

import io.lazaret.lifecycle.policy.Policy;
import io.lazaret.lifecycle.release.Releases;
import io.lazaret.schemas.Decision;
import io.lazaret.schemas.DetectionVerdict;
import io.lazaret.schemas.Envelope;
import io.lazaret.schemas.Ids;
import io.lazaret.schemas.Job;
import io.lazaret.schemas.ModelIngested;
import io.lazaret.schemas.ModelRef;
import io.lazaret.schemas.ModelUnassessed;
import io.lazaret.schemas.ObjectRef;
import io.lazaret.schemas.Problem;
import io.lazaret.schemas.Producer;
import io.lazaret.schemas.ScreeningInputs;
import io.lazaret.schemas.Stage;
import io.lazaret.schemas.StageFailed;
import io.lazaret.schemas.StageProgress;
import io.lazaret.schemas.TriggerIntelligence;
import io.lazaret.schemas.Verdict;
import java.time.Instant;
import java.util.List;

/** Events to fold. */
public final class Samples {

  private Samples() {}

  static Envelope envelope(String id, String model, String type, long sequence, long second) {
    return Envelope.newBuilder()
        .setEventId(id + sequence)
        .setType(type)
        .setScreeningId(id)
        .setModelName(model)
        .setSequence(sequence)
        .setOccurredAt(Instant.ofEpochSecond(1_000 + second))
        .setProducer(new Producer("test", "1"))
        .build();
  }

  private static ModelRef model(String name) {
    return new ModelRef(name, "sha256:0", "LlamaForCausalLM", 1L);
  }

  static ModelIngested ingested(String id, String model, long second) {
    return ModelIngested.newBuilder()
        .setEnvelope(envelope(id, model, "ModelIngested", 0, second))
        .setModel(model(model))
        .setInputs(
            ScreeningInputs.newBuilder()
                .setPrompts(new ObjectRef("b", "k", "0", 1L))
                .setPolicy(Policy.standard().canonicalJson())
                .setSeed(7)
                .build())
        .build();
  }

  static TriggerIntelligence intelligence(String trigger, long second) {
    String id = Ids.releases(Releases.ALL_MODELS);
    return TriggerIntelligence.newBuilder()
        .setEnvelope(envelope(id, Releases.ALL_MODELS, "TriggerIntelligence", 0, second))
        .setTriggerId(trigger)
        .setTrigger(trigger)
        .setSource("test")
        .build();
  }

  static StageFailed failed(String id, String model, long sequence, int attempt) {
    return new StageFailed(
        envelope(id, model, "StageFailed", sequence, sequence),
        job(id, attempt),
        new Problem("WORKER_LOST", "gone", "wait", true));
  }

  private static Job job(String id, int attempt) {
    return Job.newBuilder()
        .setJobId(Ids.job(id, Stage.DETECTION, 1, attempt))
        .setStage(Stage.DETECTION)
        .setRound(1)
        .setAttempt(attempt)
        .setSeed(1)
        .build();
  }

  static ModelUnassessed unassessed(String id, String model, long sequence) {
    return ModelUnassessed.newBuilder()
        .setEnvelope(envelope(id, model, "ModelUnassessed", sequence, 9))
        .setVerdict(
            Verdict.newBuilder()
                .setScreeningId(id)
                .setModel(model(model))
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

  static StageProgress progress(String id, String model, int attempt, double fraction) {
    return StageProgress.newBuilder()
        .setScreeningId(id)
        .setModelName(model)
        .setJobId(Ids.job(id, Stage.DETECTION, 1, attempt))
        .setStage(Stage.DETECTION)
        .setRound(1)
        .setAttempt(attempt)
        .setFraction(fraction)
        .setMessage("searching")
        .setOccurredAt(Instant.ofEpochSecond(1))
        .setFigure("parrot loss")
        .setValue(2 - fraction)
        .build();
  }
}
