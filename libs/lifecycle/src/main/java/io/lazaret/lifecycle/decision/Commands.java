package io.lazaret.lifecycle.decision;

import io.lazaret.lifecycle.screening.CaseFile;
import io.lazaret.lifecycle.screening.Screening.Working;
import io.lazaret.schemas.DetectBackdoor;
import io.lazaret.schemas.EliminateBackdoor;
import io.lazaret.schemas.Envelope;
import io.lazaret.schemas.EvaluateModel;
import io.lazaret.schemas.Ids;
import io.lazaret.schemas.Job;
import io.lazaret.schemas.ScreeningInputs;
import io.lazaret.schemas.SimulateTrigger;
import java.time.Duration;
import java.time.Instant;
import org.apache.avro.specific.SpecificRecord;

/** The command that a waiting screening has given. */
final class Commands {

  private Commands() {}

  /**
   * @param state what is awaited
   * @param cause the event that led there
   * @param now time of the decision; a retry may start only after the policy's back-off
   */
  static SpecificRecord of(Working state, Envelope cause, Instant now) {
    CaseFile file = state.file();
    Duration wait = file.policy().backoff().before(state.attempt());
    Job job = state.job(wait.isZero() ? null : now.plus(wait));
    ScreeningInputs inputs = file.opening().inputs();
    return switch (state.stage()) {
      case DETECTION ->
          DetectBackdoor.newBuilder()
              .setEnvelope(envelope("DetectBackdoor", job, cause, now))
              .setJob(job)
              .setModel(file.current())
              .setInputs(inputs)
              .setKnown(file.segments())
              .build();
      case SIMULATION ->
          SimulateTrigger.newBuilder()
              .setEnvelope(envelope("SimulateTrigger", job, cause, now))
              .setJob(job)
              .setModel(file.current())
              .setInputs(inputs)
              .setSegments(file.fresh())
              .build();
      case ELIMINATION ->
          EliminateBackdoor.newBuilder()
              .setEnvelope(envelope("EliminateBackdoor", job, cause, now))
              .setJob(job)
              .setModel(file.current())
              .setInputs(inputs)
              .setMethod(file.methodName())
              .setSegments(file.treated())
              .setParrots(file.trained())
              .build();
      case EVALUATION ->
          EvaluateModel.newBuilder()
              .setEnvelope(envelope("EvaluateModel", job, cause, now))
              .setJob(job)
              .setOriginal(file.original())
              .setCandidate(file.current())
              .setInputs(inputs)
              .setSegments(file.segments())
              .setParrots(file.parrots())
              .setKnownTriggers(file.opening().knownTriggers())
              .build();
      case INGESTION -> throw new IllegalStateException("nothing is asked of ingestion");
    };
  }

  private static Envelope envelope(String type, Job job, Envelope cause, Instant now) {
    String eventId = Ids.jobEvent(job.getJobId(), type);
    return Recorder.caused(cause, eventId, type, cause.getScreeningId(), now);
  }
}
