package io.lazaret.lifecycle.request;

import io.lazaret.lifecycle.decision.Circumstances;
import io.lazaret.lifecycle.decision.Effects;
import io.lazaret.lifecycle.decision.Recorder;
import io.lazaret.lifecycle.decision.Rescreenings;
import io.lazaret.lifecycle.decision.Rollback;
import io.lazaret.lifecycle.policy.ApprovalRules;
import io.lazaret.lifecycle.policy.Policy;
import io.lazaret.lifecycle.release.Releases;
import io.lazaret.lifecycle.screening.Screening;
import io.lazaret.problem.ProblemException;
import io.lazaret.schemas.ChannelState;
import io.lazaret.schemas.PromoteRelease;
import io.lazaret.schemas.ReleaseAdvanced;
import io.lazaret.schemas.ReleasedCheckpoint;
import io.lazaret.schemas.Request;
import io.lazaret.schemas.RescreenRelease;
import io.lazaret.schemas.RescreeningCause;
import io.lazaret.schemas.RescreeningOpened;
import io.lazaret.schemas.RollBackRelease;

/** Requests about the channels of a model. */
final class ChannelRequests {

  private ChannelRequests() {}

  static Effects promote(Screening current, Circumstances circumstances, PromoteRelease record) {
    Releases releases = circumstances.releases();
    Request request = record.getRequest();
    String channel = record.getChannel();
    Policy.requireChannel(channel);
    Requests.upToDate(request, releases.nextRevision(channel) - 1, "revision");
    ReleasedCheckpoint checkpoint = usable(releases, record.getDigest());
    ChannelState present = releases.channel(channel).orElse(null);
    boolean there =
        present != null
            && present.getReleased() != null
            && present.getReleased().getDigest().equals(record.getDigest());
    if (there) {
      throw ProblemException.of(
          "CHANNEL_UNCHANGED",
          "Channel " + channel + " names " + record.getDigest() + " already.",
          "Nothing is left to do.");
    }
    letThrough(releases, checkpoint, request.getActor());
    Recorder recorder = new Recorder(current, circumstances, record.getEnvelope());
    recorder.appendOwn(
        ReleaseAdvanced.newBuilder()
            .setEnvelope(recorder.decidedOwn("ReleaseAdvanced"))
            .setChannel(channel)
            .setPrevious(present == null ? null : present.getReleased())
            .setReleased(checkpoint.getModel())
            .setReason(said(request))
            .setRevision(releases.nextRevision(channel))
            .setPromotedBy(checkpoint.getScreeningId())
            .build());
    return recorder.effects();
  }

  /** One person's word is enough only where the policy asks for no more. */
  private static void letThrough(Releases releases, ReleasedCheckpoint checkpoint, String actor) {
    ApprovalRules rules = releases.policy(checkpoint).approvals();
    boolean byRequester = actor.strip().equalsIgnoreCase(checkpoint.getRequestedBy().strip());
    if (rules.promoted() > 1 || rules.promoted() == 1 && byRequester) {
      throw ProblemException.of(
          "PROMOTION_NEEDS_APPROVALS",
          "The policy asks for %d other persons before a release.".formatted(rules.promoted()),
          "Screen the model with a policy that names this channel, and have the verdict approved.");
    }
  }

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

  private static String said(Request request) {
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

  private static ReleasedCheckpoint usable(Releases releases, String digest) {
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
