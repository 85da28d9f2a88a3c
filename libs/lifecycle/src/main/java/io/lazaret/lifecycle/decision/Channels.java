package io.lazaret.lifecycle.decision;

import io.lazaret.lifecycle.screening.CaseFile;
import io.lazaret.lifecycle.screening.Screening.Releasing;
import io.lazaret.schemas.ChannelState;
import io.lazaret.schemas.ReleaseAdvanced;

/** How a channel moves on. */
final class Channels {

  private Channels() {}

  /** The release that a screening ends in. */
  static ReleaseAdvanced advance(Recorder recorder, Releasing state) {
    CaseFile file = state.file();
    String channel = file.policy().channel();
    String reason = "Screening " + file.screeningId() + " promoted it.";
    if (!state.approvals().isEmpty()) {
      reason =
          "Screening %s measured it, and %s approved."
              .formatted(
                  file.screeningId(),
                  String.join(" and ", state.approvals().stream().map(a -> a.getActor()).toList()));
    }
    return ReleaseAdvanced.newBuilder()
        .setEnvelope(recorder.decided("ReleaseAdvanced"))
        .setChannel(channel)
        .setPrevious(
            recorder.releases().channel(channel).map(ChannelState::getReleased).orElse(null))
        .setReleased(file.current())
        .setReason(reason)
        .setRevision(recorder.releases().nextRevision(channel))
        .setApprovals(state.approvals())
        .build();
  }
}
