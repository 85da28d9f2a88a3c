package io.lazaret.lifecycle.decision;

import io.lazaret.lifecycle.screening.Screening.Judged;
import io.lazaret.lifecycle.screening.Screening.Releasing;
import io.lazaret.lifecycle.screening.Verdicts;
import io.lazaret.schemas.Decision;
import io.lazaret.schemas.ReleaseHeld;

/** What follows from where a screening stands, without anybody asking. */
public final class Consequences {

  private Consequences() {}

  /** Everything that follows by itself from where a screening stands now. */
  public static void follow(Recorder recorder) {
    if (recorder.state() instanceof Judged judged) {
      if (returnsAfterWithdrawal(judged, recorder)) {
        recorder.append(
            new ReleaseHeld(
                recorder.decided("ReleaseHeld"),
                "",
                "This checkpoint was withdrawn before; it is not released again without a person."));
      }
      if (Rollback.isDue(judged)) {
        Rollback.ofAll(recorder, judged.file(), judged.judgement(), "");
      }
      recorder.append(Verdicts.of((Judged) recorder.state(), recorder.decided("verdict")));
    }
    if (recorder.state() instanceof Releasing releasing) {
      recorder.append(Channels.advance(recorder, releasing));
    }
  }

  private static boolean returnsAfterWithdrawal(Judged judged, Recorder recorder) {
    return judged.judgement().decision() == Decision.PROMOTED
        && !judged.file().isRescreening()
        && !judged.file().held()
        && recorder.releases().wasWithdrawn(judged.file().current().getDigest());
  }
}
