package io.lazaret.lifecycle.request;

import io.lazaret.lifecycle.decision.Circumstances;
import io.lazaret.lifecycle.decision.Effects;
import io.lazaret.lifecycle.decision.Recorder;
import io.lazaret.lifecycle.policy.Policy;
import io.lazaret.lifecycle.release.Releases;
import io.lazaret.lifecycle.screening.Screening;
import io.lazaret.lifecycle.screening.Screening.AwaitingApproval;
import io.lazaret.lifecycle.screening.Screening.Unknown;
import io.lazaret.problem.ProblemException;
import io.lazaret.schemas.ChannelState;
import io.lazaret.schemas.Envelope;
import io.lazaret.schemas.Ids;
import io.lazaret.schemas.PromoteRelease;
import io.lazaret.schemas.PromotionRequested;
import io.lazaret.schemas.ReleaseAdvanced;
import io.lazaret.schemas.ReleasedCheckpoint;
import io.lazaret.schemas.Request;
import io.lazaret.schemas.ScreeningInputs;

/**
 * A channel shall name what was released before. At once where the policy lets verdicts through
 * without persons; else it waits for as many other persons as a verdict would.
 */
final class PromotionRequests {

  private PromotionRequests() {}

  static Effects promote(Screening current, Circumstances circumstances, PromoteRelease record) {
    Releases releases = circumstances.releases();
    Request request = record.getRequest();
    String channel = record.getChannel();
    Policy.requireChannel(channel);
    Requests.upToDate(request, releases.nextRevision(channel) - 1, "revision");
    ReleasedCheckpoint checkpoint = ChannelRequests.usable(releases, record.getDigest());
    boolean there =
        releases.naming(record.getDigest()).stream().anyMatch(c -> c.getChannel().equals(channel));
    if (there) {
      throw ProblemException.of(
          "CHANNEL_UNCHANGED",
          "Channel " + channel + " names " + record.getDigest() + " already.",
          "Nothing is left to do.");
    }
    return releases.policy(checkpoint).approvals().promoted() == 0
        ? atOnce(current, circumstances, record, checkpoint)
        : waiting(circumstances, record, checkpoint);
  }

  private static Effects atOnce(
      Screening current,
      Circumstances circumstances,
      PromoteRelease record,
      ReleasedCheckpoint checkpoint) {
    Releases releases = circumstances.releases();
    String channel = record.getChannel();
    Recorder recorder = new Recorder(current, circumstances, record.getEnvelope());
    recorder.appendOwn(
        ReleaseAdvanced.newBuilder()
            .setEnvelope(recorder.decidedOwn("ReleaseAdvanced"))
            .setChannel(channel)
            .setPrevious(releases.channel(channel).map(ChannelState::getReleased).orElse(null))
            .setReleased(checkpoint.getModel())
            .setReason(ChannelRequests.said(record.getRequest()))
            .setRevision(releases.nextRevision(channel))
            .setPromotedBy(checkpoint.getScreeningId())
            .build());
    return recorder.effects();
  }

  private static Effects waiting(
      Circumstances circumstances, PromoteRelease record, ReleasedCheckpoint checkpoint) {
    Releases releases = circumstances.releases();
    Envelope asked = record.getEnvelope();
    String id = Ids.derive("promotion", releases.modelName(), asked.getEventId());
    Envelope envelope =
        Envelope.newBuilder(asked)
            .setEventId(Ids.derive("promotionRequested", id))
            .setType("PromotionRequested")
            .setScreeningId(id)
            .setOccurredAt(circumstances.now())
            .setCausationId(asked.getEventId())
            .setCorrelationId(id)
            .setProducer(Recorder.producer())
            .build();
    ScreeningInputs inputs =
        ScreeningInputs.newBuilder(checkpoint.getInputs())
            .setPolicy(releases.policy(checkpoint).canonicalJson())
            .build();
    Recorder recorder = new Recorder(new Unknown(), circumstances, envelope);
    recorder.append(
        new PromotionRequested(
            envelope,
            record.getChannel(),
            releases.nextRevision(record.getChannel()) - 1,
            checkpoint.getModel(),
            checkpoint.getOriginal(),
            checkpoint.getScreeningId(),
            record.getRequest().getActor(),
            record.getRequest().getReason(),
            inputs));
    return recorder.effects();
  }

  /**
   * Refuses an approval of a promotion when what was asked for is no longer what would be done.
   *
   * @return who asked for the screening that measured the checkpoint, and may not approve either
   */
  static String stillMeant(Releases releases, AwaitingApproval waiting) {
    PromotionRequested asked = waiting.file().opening().promotion();
    long revision = releases.nextRevision(asked.getChannel()) - 1;
    if (revision != asked.getRevision()) {
      throw ProblemException.of(
          "PROMOTION_STALE",
          "It was asked for when channel %s had revision %d; it has %d now."
              .formatted(asked.getChannel(), asked.getRevision(), revision),
          "Reject it, look at the channel, and ask for the promotion again.");
    }
    return ChannelRequests.usable(releases, asked.getReleased().getDigest()).getRequestedBy();
  }
}
