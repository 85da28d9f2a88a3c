package io.lazaret.lifecycle.decision;

import io.lazaret.lifecycle.screening.CaseFile;
import io.lazaret.lifecycle.screening.Screening.Releasing;
import io.lazaret.schemas.Approval;
import io.lazaret.schemas.ChannelState;
import io.lazaret.schemas.ReleaseAdvanced;
import java.util.List;

/** How a channel moves on. */
final class Channels {

  private Channels() {}

  /** The release that a screening, or a promotion by hand, ends in. */
  static ReleaseAdvanced advance(Recorder recorder, Releasing state) {
    CaseFile file = state.file();
    String channel = file.channel();
    return ReleaseAdvanced.newBuilder()
        .setEnvelope(recorder.decided("ReleaseAdvanced"))
        .setChannel(channel)
        .setPrevious(
            recorder.releases().channel(channel).map(ChannelState::getReleased).orElse(null))
        .setReleased(file.current())
        .setReason(reason(file, state.approvals()))
        .setRevision(recorder.releases().nextRevision(channel))
        .setApprovals(state.approvals())
        .setPromotedBy(file.isPromotion() ? file.opening().promotion().getReleasedBy() : "")
        .build();
  }

  private static String reason(CaseFile file, List<Approval> approvals) {
    if (!file.isPromotion() && approvals.isEmpty()) {
      return "Screening " + file.screeningId() + " promoted it.";
    }
    String why =
        file.isPromotion()
            ? "%s: %s; screening %s measured it"
                .formatted(
                    file.opening().requestedBy(),
                    file.opening().promotion().getReason(),
                    file.opening().promotion().getReleasedBy())
            : "Screening " + file.screeningId() + " measured it";
    List<String> people = approvals.stream().map(Approval::getActor).toList();
    return "%s, and %s approved.".formatted(why, String.join(" and ", people));
  }
}
