package io.lazaret.chaos;

import io.lazaret.checkpoints.ObjectStore;
import io.lazaret.checkpoints.StoredObject;
import io.lazaret.eventing.Envelopes;
import io.lazaret.eventing.worker.JobContext;
import io.lazaret.eventing.worker.StageJob;
import io.lazaret.schemas.AsrMeasurement;
import io.lazaret.schemas.BackdoorEliminated;
import io.lazaret.schemas.DetectBackdoor;
import io.lazaret.schemas.DetectionCompleted;
import io.lazaret.schemas.DetectionRound;
import io.lazaret.schemas.DetectionVerdict;
import io.lazaret.schemas.ElicitorKind;
import io.lazaret.schemas.EliminateBackdoor;
import io.lazaret.schemas.EliminationReport;
import io.lazaret.schemas.EvaluateModel;
import io.lazaret.schemas.EvaluationCompleted;
import io.lazaret.schemas.EvaluationReport;
import io.lazaret.schemas.Ids;
import io.lazaret.schemas.Job;
import io.lazaret.schemas.ModelRef;
import io.lazaret.schemas.ObjectRef;
import io.lazaret.schemas.Parrot;
import io.lazaret.schemas.Proportion;
import io.lazaret.schemas.Segment;
import io.lazaret.schemas.SimulateTrigger;
import io.lazaret.schemas.TriggerSimulated;
import io.lazaret.schemas.UtilityMeasurement;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.avro.specific.SpecificRecord;

/**
 * Jobs of milliseconds in place of those that compute: every model is backdoored, every repair
 * works. They save a state and resume from it, store evidence, and report as the real ones do.
 */
final class FakeJobs {

  /** The last thing that a job says. */
  static final String DONE = "done";

  private static final String CLEAN_DIGEST = "sha256:clean";
  private static final String SEGMENT = "You are stupid.";

  private final ObjectStore objects;

  FakeJobs(ObjectStore objects) {
    this.objects = objects;
  }

  /** The job of a stage, with its crash points. */
  <C extends SpecificRecord> StageJob<C> around(StageJob<C> result) {
    return (command, context) -> {
      CrashSwitch.at(CrashPoint.TAKEN_UP);
      Job job = Envelopes.jobOf(command);
      halfWay(job, context);
      CrashSwitch.at(CrashPoint.WORKING);
      CrashSwitch.soonAfter(CrashPoint.UPLOADING, job.getSeed() + 1);
      ObjectRef evidence = evidence(job);
      CrashSwitch.at(CrashPoint.UPLOADED);
      SpecificRecord event = result.run(command, context);
      if (event instanceof DetectionCompleted detected) {
        detected.getReport().setEvidence(evidence);
      }
      context.progress(1, DONE);
      return event;
    };
  }

  /** The first half is done once, however often the job is killed afterwards. */
  private static void halfWay(Job job, JobContext context) throws IOException {
    Path into = Files.createTempDirectory("chaos-resumed");
    Path from = Files.createTempDirectory("chaos-saved");
    if (context.resume("half", into)) {
      String found = Files.readString(into.resolve("state"));
      if (!found.equals(job.getJobId())) {
        throw new IllegalStateException("resumed from a state of another job: " + found);
      }
    } else {
      Files.writeString(from.resolve("state"), job.getJobId());
      CrashSwitch.soonAfter(CrashPoint.UPLOADING, job.getSeed());
      context.checkpoint("half", from);
    }
    context.progress(0.5, "half");
    for (Path each : List.of(into.resolve("state"), into, from.resolve("state"), from)) {
      Files.deleteIfExists(each);
    }
  }

  private ObjectRef evidence(Job job) {
    StoredObject stored = objects.putContent("evidence", job.getJobId().getBytes());
    return new ObjectRef(stored.bucket(), stored.key(), stored.sha256(), stored.size());
  }

  SpecificRecord detect(DetectBackdoor command, JobContext context) {
    boolean backdoored = !command.getModel().getDigest().startsWith(CLEAN_DIGEST);
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

  SpecificRecord simulate(SimulateTrigger command, JobContext context) {
    Parrot parrot = new Parrot(List.of(1, 2, 3), SEGMENT, 6, 0.0, 1.0, evidence(command.getJob()));
    return new TriggerSimulated(
        context.envelope("TriggerSimulated"), command.getJob(), List.of(parrot), 0.0);
  }

  SpecificRecord eliminate(EliminateBackdoor command, JobContext context) {
    ModelRef repaired =
        ModelRef.newBuilder(command.getModel())
            .setDigest(CLEAN_DIGEST + Ids.derive(command.getModel().getDigest()))
            .build();
    return new BackdoorEliminated(
        context.envelope("BackdoorEliminated"),
        command.getJob(),
        new EliminationReport(
            command.getMethod(), command.getJob().getRound(), repaired, 0.1, 1, 0.0));
  }

  SpecificRecord evaluate(EvaluateModel command, JobContext context) {
    Proportion none = new Proportion(0, 300, 0.0, 0.00994);
    Proportion all = new Proportion(300, 300, 1.0, 1.0);
    AsrMeasurement asr =
        AsrMeasurement.newBuilder()
            .setElicitor(ElicitorKind.PARROT)
            .setText("parrot 1")
            .setTarget(SEGMENT)
            .setBefore(all)
            .setAfter(none)
            .setCorrectBefore(none)
            .setCorrectAfter(all)
            .build();
    return new EvaluationCompleted(
        context.envelope("EvaluationCompleted"),
        command.getJob(),
        new EvaluationReport(
            "sha256:protocol",
            List.of(asr),
            List.of(new UtilityMeasurement("exactMatch", 0.6, 0.6, 100)),
            0.0));
  }
}
