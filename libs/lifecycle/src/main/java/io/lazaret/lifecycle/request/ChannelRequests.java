package io.lazaret.lifecycle.request;

import io.lazaret.lifecycle.decision.Circumstances;
import io.lazaret.lifecycle.decision.Effects;
import io.lazaret.lifecycle.decision.Recorder;
import io.lazaret.lifecycle.decision.Rescreenings;
import io.lazaret.lifecycle.decision.Rollback;
import io.lazaret.lifecycle.release.Releases;
import io.lazaret.lifecycle.screening.Screening;
import io.lazaret.problem.ProblemException;
import io.lazaret.schemas.ChannelState;
import io.lazaret.schemas.ReleasedCheckpoint;
import io.lazaret.schemas.Request;
import io.lazaret.schemas.RescreenRelease;
import io.lazaret.schemas.RescreeningCause;
import io.lazaret.schemas.RescreeningOpened;
import io.lazaret.schemas.RollBackRelease;

/** Requests about the channels of a model. */
final class ChannelRequests {

  private ChannelRequests() {}

  static Effects rollBack(Screening current, Circumstances circumstances, RollBackRelease record) {
    Releases releases = circumstances.releases();
    Request request = record.getRequest();
    ChannelState channel = filled(releases, record.getChannel());
    Requests.upToDate(request, channel.getRevision(), "revision");
    ReleasedCheckpoint target =
        record.getDigest() == null ? null : usable(releases, record.getDigest());
    if (target != null && target.getModel().getDigest().equals(channel.getReleased().getDigest())) {
      throw ProblemException.of(
          "CHANNEL_UNCHANGED",
          "Channel " + record.getChannel() + " names this checkpoint now.",
          "Name an earlier one, or none for the last good one.");
    }
    Recorder recorder = new Recorder(current, circumstances, record.getEnvelope());
    recorder.appendOwn(
        Rollback.event(releases, channel, target)
            .setEnvelope(recorder.decidedOwn("ReleaseRolledBack"))
            .setReason(said(request))
            .setActor(request.getActor())
            .build());
    return recorder.effects();
  }

  static Effects rescreen(Circumstances circumstances, RescreenRelease record) {
    Releases releases = circumstances.releases();
    Request request = record.getRequest();
    ChannelState channel = filled(releases, record.getChannel());
    Requests.upToDate(request, channel.getRevision(), "revision");
    ReleasedCheckpoint checkpoint = remembered(releases, channel.getReleased().getDigest());
    if (!checkpoint.getRescreening().isEmpty()) {
      throw ProblemException.of(
          "RESCREENING_AT_WORK",
          "Screening " + checkpoint.getRescreening() + " looks at it now.",
          "Wait for its verdict.");
    }
    RescreeningOpened opening =
        Rescreenings.opening(
            circumstances, checkpoint, RescreeningCause.REQUEST, said(request), record.getDetect());
    opening.setRequestedBy(request.getActor());
    opening.getEnvelope().setCausationId(record.getEnvelope().getEventId());
    return Rescreenings.open(opening, circumstances);
  }

  static String said(Request request) {
    return request.getActor() + ": " + request.getReason();
  }

  private static ChannelState filled(Releases releases, String name) {
    ChannelState channel =
        releases
            .channel(name)
            .orElseThrow(
                () ->
                    ProblemException.of(
                        "CHANNEL_UNKNOWN",
                        releases.modelName() + " has no channel " + name + ".",
                        "List the channels and use one of them."));
    if (channel.getReleased() == null) {
      throw ProblemException.of(
          "CHANNEL_EMPTY", "Channel " + name + " names nothing.", "Promote a checkpoint to it.");
    }
    return channel;
  }

  private static ReleasedCheckpoint remembered(Releases releases, String digest) {
    return releases
        .checkpoint(digest)
        .orElseThrow(
            () ->
                ProblemException.of(
                    "CHECKPOINT_UNKNOWN",
                    "No screening of " + releases.modelName() + " released " + digest + ".",
                    "List the releases of the model and use one of their digests."));
  }

  /** A checkpoint that a channel may name. */
  static ReleasedCheckpoint usable(Releases releases, String digest) {
    ReleasedCheckpoint checkpoint = remembered(releases, digest);
    if (checkpoint.getWithdrawn()) {
      throw ProblemException.of(
          "CHECKPOINT_WITHDRAWN",
          "The checkpoint " + digest + " was withdrawn.",
          "Screen it again; the new verdict can be approved.");
    }
    return checkpoint;
  }
}
