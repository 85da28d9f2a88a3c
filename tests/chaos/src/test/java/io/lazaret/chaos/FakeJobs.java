package io.lazaret.chaos;

import io.lazaret.checkpoints.ObjectStore;
import io.lazaret.checkpoints.StoredObject;
import io.lazaret.eventing.Envelopes;
import io.lazaret.eventing.worker.JobContext;
import io.lazaret.eventing.worker.StageJob;
import io.lazaret.schemas.DetectionCompleted;
import io.lazaret.schemas.Job;
import io.lazaret.schemas.ObjectRef;
import io.lazaret.schemas.TriggerSimulated;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.avro.specific.SpecificRecord;

/**
 * Jobs of milliseconds in place of those that compute. They save a state and resume from it, store
 * evidence, and report as the real ones do.
 */
final class FakeJobs {

  /** The last thing that a job says. */
  static final String DONE = "done";

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
      } else if (event instanceof TriggerSimulated simulated) {
        simulated.getParrots().forEach(parrot -> parrot.setWeights(evidence));
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
}
