package io.lazaret.lifecycle.decision;

import io.lazaret.lifecycle.release.Releases;
import io.lazaret.lifecycle.screening.Screening.Unknown;
import io.lazaret.schemas.Envelope;
import io.lazaret.schemas.Ids;
import io.lazaret.schemas.ReleasedCheckpoint;
import io.lazaret.schemas.RescreeningCause;
import io.lazaret.schemas.RescreeningOpened;
import io.lazaret.schemas.ScreeningInputs;

/** How a released checkpoint comes to be looked at again. */
public final class Rescreenings {

  private Rescreenings() {}

  /** Opens a rescreening that the agenda or a person asked for. */
  public static Effects open(RescreeningOpened opening, Circumstances circumstances) {
    Recorder recorder = new Recorder(new Unknown(), circumstances, opening.getEnvelope());
    recorder.append(opening);
    Consequences.follow(recorder);
    return recorder.effects();
  }

  /** The first event of the next rescreening of a checkpoint. */
  public static RescreeningOpened opening(
      Circumstances circumstances,
      ReleasedCheckpoint checkpoint,
      RescreeningCause cause,
      String reason,
      boolean detect) {
    Releases releases = circumstances.releases();
    String id =
        Ids.derive(
            "rescreening",
            releases.modelName(),
            checkpoint.getModel().getDigest(),
            checkpoint.getRescreenings() + 1);
    ScreeningInputs inputs =
        ScreeningInputs.newBuilder(checkpoint.getInputs())
            .setPolicy(releases.policy(checkpoint).canonicalJson())
            .build();
    return RescreeningOpened.newBuilder()
        .setEnvelope(
            Envelope.newBuilder()
                .setEventId(Ids.derive("rescreeningOpened", id))
                .setType("RescreeningOpened")
                .setScreeningId(id)
                .setModelName(releases.modelName())
                .setOccurredAt(circumstances.now())
                .setCorrelationId(id)
                .setProducer(Recorder.producer())
                .build())
        .setCause(cause)
        .setReason(reason)
        .setReleased(checkpoint.getModel())
        .setOriginal(checkpoint.getOriginal())
        .setReleasedBy(checkpoint.getScreeningId())
        .setInputs(inputs)
        .setSegments(checkpoint.getSegments())
        .setParrots(checkpoint.getParrots())
        .setKnownTriggers(circumstances.concerning())
        .setAccepted(checkpoint.getEvaluation())
        .setDetect(detect)
        .setDetector(circumstances.detector())
        .build();
  }
}
