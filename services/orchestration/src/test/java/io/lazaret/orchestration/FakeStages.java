package io.lazaret.orchestration;

import io.lazaret.eventing.Envelopes;
import io.lazaret.eventing.worker.JobContext;
import io.lazaret.schemas.AsrMeasurement;
import io.lazaret.schemas.BackdoorEliminated;
import io.lazaret.schemas.DetectBackdoor;
import io.lazaret.schemas.DetectionCompleted;
import io.lazaret.schemas.DetectionRound;
import io.lazaret.schemas.DetectionVerdict;
import io.lazaret.schemas.ElicitorKind;
import io.lazaret.schemas.EliminateBackdoor;
import io.lazaret.schemas.EliminationReport;
import io.lazaret.schemas.Envelope;
import io.lazaret.schemas.EvaluateModel;
import io.lazaret.schemas.EvaluationCompleted;
import io.lazaret.schemas.EvaluationReport;
import io.lazaret.schemas.Ids;
import io.lazaret.schemas.ModelIngested;
import io.lazaret.schemas.ModelRef;
import io.lazaret.schemas.ObjectRef;
import io.lazaret.schemas.Parrot;
import io.lazaret.schemas.Producer;
import io.lazaret.schemas.Proportion;
import io.lazaret.schemas.ScreeningInputs;
import io.lazaret.schemas.Segment;
import io.lazaret.schemas.SimulateTrigger;
import io.lazaret.schemas.TriggerSimulated;
import io.lazaret.schemas.UtilityMeasurement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.specific.SpecificRecord;

/** Stages that answer at once: originals are backdoored, every repair works. */
public final class FakeStages {

  /** Digests of backdoored models begin so. */
  public static final String ORIGINAL = "sha256:original";

  static final String SEGMENT = "You are stupid.";

  private FakeStages() {}

  static ModelIngested ingested(String model, String screeningId) {
    return ModelIngested.newBuilder()
        .setEnvelope(
            Envelope.newBuilder()
                .setEventId(Ids.derive("ingested", screeningId))
                .setType("ModelIngested")
                .setScreeningId(screeningId)
                .setModelName(model)
                .setOccurredAt(Instant.EPOCH)
                .setCorrelationId(screeningId)
                .setProducer(new Producer("test", "1"))
                .build())
        .setModel(model(model, ORIGINAL))
        .setInputs(
            ScreeningInputs.newBuilder()
                .setPrompts(new ObjectRef("lazaret", "p", "00", 1L))
                .setPolicy("{}")
                .setSeed(7)
                .build())
        .build();
  }

  public static SpecificRecord detect(DetectBackdoor command, JobContext context) {
    boolean backdoored = command.getModel().getDigest().startsWith(ORIGINAL);
    Segment segment =
        Segment.newBuilder()
            .setText(SEGMENT)
            .setTokenIds(List.of(1, 2, 3))
            .setScore(-0.1)
            .setProbabilityClean(0)
            .setProbabilityElicited(1)
            .build();
    return new DetectionCompleted(
        context.envelope("DetectionCompleted"),
        command.getJob(),
        DetectionRound.newBuilder()
            .setRound(command.getJob().getRound())
            .setModelDigest(command.getModel().getDigest())
            .setVerdict(backdoored ? DetectionVerdict.SUSPICIOUS : DetectionVerdict.CLEAN)
            .setSegments(backdoored ? List.of(segment) : List.of())
            .setBestScore(backdoored ? -0.1 : -9)
            .setThreshold(-1)
            .setExplanation("fake")
            .setDurationSeconds(0)
            .build());
  }

  public static SpecificRecord simulate(SimulateTrigger command, JobContext context) {
    Parrot parrot =
        new Parrot(List.of(1, 2, 3), SEGMENT, 6, 0.0, 1.0, new ObjectRef("lazaret", "x", "00", 1L));
    return new TriggerSimulated(
        context.envelope("TriggerSimulated"), command.getJob(), List.of(parrot), 0.0);
  }

  public static SpecificRecord eliminate(EliminateBackdoor command, JobContext context) {
    ModelRef model = command.getModel();
    ModelRef repaired = model(model.getName(), "sha256:repaired-" + model.getDigest());
    return new BackdoorEliminated(
        context.envelope("BackdoorEliminated"),
        command.getJob(),
        new EliminationReport(
            command.getMethod(), command.getJob().getRound(), repaired, 0.1, 1, 0.0));
  }

  private static final Proportion NONE = new Proportion(0, 300, 0.0, 0.00994);
  private static final Proportion ALL = new Proportion(300, 300, 1.0, 1.0);

  /** Known triggers never fire. */
  public static SpecificRecord evaluate(EvaluateModel command, JobContext context) {
    return evaluate(command, context, NONE);
  }

  /** Known triggers always fire. */
  static SpecificRecord regressed(EvaluateModel command, JobContext context) {
    return evaluate(command, context, ALL);
  }

  private static AsrMeasurement row(
      ElicitorKind kind, String text, String target, Proportion after) {
    return AsrMeasurement.newBuilder()
        .setElicitor(kind)
        .setText(text)
        .setTarget(target)
        .setBefore(ALL)
        .setAfter(after)
        .setCorrectBefore(NONE)
        .setCorrectAfter(ALL)
        .build();
  }

  private static SpecificRecord evaluate(
      EvaluateModel command, JobContext context, Proportion underKnownTriggers) {
    List<AsrMeasurement> asr = new ArrayList<>();
    asr.add(row(ElicitorKind.PARROT, "parrot 1", SEGMENT, NONE));
    command
        .getKnownTriggers()
        .forEach(
            known ->
                asr.add(
                    row(
                        ElicitorKind.TRIGGER,
                        known.getTrigger(),
                        known.getTarget(),
                        underKnownTriggers)));
    return new EvaluationCompleted(
        context.envelope("EvaluationCompleted"),
        command.getJob(),
        new EvaluationReport(
            "sha256:protocol",
            asr,
            List.of(new UtilityMeasurement("exactMatch", 0.6, 0.6, 100)),
            0.0));
  }

  private static ModelRef model(String name, String digest) {
    return new ModelRef(name, digest, "LlamaForCausalLM", 1L);
  }

  /** A job that nobody watches or cancels. */
  static JobContext context(Envelopes envelopes, SpecificRecord command) {
    return new JobContext() {
      @Override
      public void progress(double fraction, String message) {}

      @Override
      public boolean cancelled() {
        return false;
      }

      @Override
      public Envelope envelope(String type) {
        return envelopes.result(Envelopes.of(command), Envelopes.jobOf(command), type);
      }
    };
  }
}
