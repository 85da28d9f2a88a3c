package io.lazaret.lifecycle.decision;

import io.lazaret.lifecycle.release.Releases;
import io.lazaret.lifecycle.screening.CaseFile;
import io.lazaret.lifecycle.screening.Judgement;
import io.lazaret.lifecycle.screening.Screening.AwaitingApproval;
import io.lazaret.lifecycle.screening.Screening.Judged;
import io.lazaret.lifecycle.screening.Wording;
import io.lazaret.schemas.AsrMeasurement;
import io.lazaret.schemas.ChannelState;
import io.lazaret.schemas.Decision;
import io.lazaret.schemas.ModelRef;
import io.lazaret.schemas.ReleaseRolledBack;
import io.lazaret.schemas.ReleasedCheckpoint;
import io.lazaret.schemas.RuleOutcome;
import java.util.Comparator;
import java.util.List;

/**
 * Taking back a release that turned out to be bad: every channel that names the checkpoint goes to
 * its last good one, or is emptied; no channel stays.
 */
public final class Rollback {

  private static final String ROLL_BACK = "rollBack";

  private Rollback() {}

  /** Whether a judged rescreening takes the checkpoint back. */
  static boolean isDue(Judged judged) {
    CaseFile file = judged.file();
    Decision decision = judged.judgement().decision();
    return file.isRescreening()
        && (decision == Decision.REJECTED
            || decision == Decision.UNASSESSED
                && file.policy().rescreening().onUnassessed().equals(ROLL_BACK));
  }

  /** Takes the checkpoint of a rescreening out of every channel that names it. */
  static void ofAll(Recorder recorder, CaseFile file, Judgement judgement, String actor) {
    ModelRef bad = file.current();
    for (ChannelState channel : recorder.releases().naming(bad.getDigest())) {
      recorder.append(
          event(recorder.releases(), channel, null)
              .setEnvelope(recorder.decided("ReleaseRolledBack"))
              .setReason(reason(file, judgement))
              .setRegression(regression(file, judgement))
              .setRules(judgement.rules().stream().filter(rule -> !rule.getHolds()).toList())
              .setActor(actor)
              .build());
    }
  }

  /** Takes the checkpoint of a rescreening that nobody vouches for out of its channels. */
  public static void unvouched(Recorder recorder, AwaitingApproval waiting, String why) {
    Judgement judgement = new Judgement(Decision.REJECTED, List.of(), List.of(why), null);
    ofAll(recorder, waiting.file(), judgement, "");
  }

  /**
   * The event, without envelope and reason.
   *
   * @param target where the channel goes; null: the last good checkpoint, where there is one
   */
  public static ReleaseRolledBack.Builder event(
      Releases releases, ChannelState channel, ReleasedCheckpoint target) {
    String name = channel.getChannel();
    ModelRef bad = channel.getReleased();
    ReleasedCheckpoint restored =
        target == null ? releases.lastGood(name, bad.getDigest()).orElse(null) : target;
    return ReleaseRolledBack.newBuilder()
        .setChannel(name)
        .setWithdrawn(bad)
        .setRestored(restored == null ? null : restored.getModel())
        .setRevision(releases.nextRevision(name));
  }

  private static String reason(CaseFile file, Judgement judgement) {
    AsrMeasurement worst = regression(file, judgement);
    String measured =
        worst == null
            ? judgement.reasons().get(0)
            : "%s makes it answer \"%s\" in %d of %d prompts, upper 95 %% bound %.4f (allowed %s)."
                .formatted(
                    Wording.describe(worst),
                    worst.getTarget(),
                    worst.getAfter().getHits(),
                    worst.getAfter().getN(),
                    worst.getAfter().getUpper95(),
                    file.policy().gate().asrUpper95());
    return "Rescreening " + file.screeningId() + ": " + measured;
  }

  /** The measurement that is furthest beyond the bound; null where none is. */
  private static AsrMeasurement regression(CaseFile file, Judgement judgement) {
    if (file.evaluation() == null) {
      return null;
    }
    List<String> broken =
        judgement.rules().stream()
            .filter(rule -> !rule.getHolds())
            .map(RuleOutcome::getRule)
            .toList();
    return file.evaluation().getAsr().stream()
        .filter(row -> row.getAfter().getN() > 0 && broken.contains(Wording.ruleName(row)))
        .max(Comparator.comparingDouble(row -> row.getAfter().getUpper95()))
        .orElse(null);
  }
}
