package io.lazaret.console.rest;

import io.lazaret.lifecycle.screening.Screening;
import io.lazaret.schemas.ApprovalGiven;
import io.lazaret.schemas.BackdoorEliminated;
import io.lazaret.schemas.ChannelState;
import io.lazaret.schemas.DetectionCompleted;
import io.lazaret.schemas.EliminateBackdoor;
import io.lazaret.schemas.EvaluationCompleted;
import io.lazaret.schemas.ModelIngested;
import io.lazaret.schemas.PolicyAdopted;
import io.lazaret.schemas.PromotionRequested;
import io.lazaret.schemas.ReleaseAdvanced;
import io.lazaret.schemas.ReleaseHeld;
import io.lazaret.schemas.ReleaseRejected;
import io.lazaret.schemas.ReleaseRolledBack;
import io.lazaret.schemas.RequestRefused;
import io.lazaret.schemas.RescreeningOpened;
import io.lazaret.schemas.StageFailed;
import io.lazaret.schemas.TriggerIntelligence;
import io.lazaret.schemas.TriggerSimulated;
import io.lazaret.schemas.Verdict;
import java.util.Locale;
import org.apache.avro.specific.SpecificRecord;

/** A record in one line; what others wrote stands in it as they wrote it. */
final class Sentences {

  /** Characters of a line. */
  private static final int LONGEST = 240;

  private Sentences() {}

  static String of(SpecificRecord record) {
    String line = line(record);
    return line.length() <= LONGEST ? line : line.substring(0, LONGEST) + "...";
  }

  private static String line(SpecificRecord record) {
    Verdict verdict = Screening.verdictOf(record);
    if (verdict != null) {
      return verdict.getReasons().isEmpty() ? "" : verdict.getReasons().get(0);
    } else if (record instanceof DetectionCompleted detected) {
      return detection(detected);
    } else if (record instanceof TriggerSimulated simulated) {
      return simulated.getParrots().size() + " parrots trained";
    } else if (record instanceof BackdoorEliminated eliminated) {
      return "%s, %d steps, loss %s"
          .formatted(
              eliminated.getReport().getMethod(),
              eliminated.getReport().getSteps(),
              number(eliminated.getReport().getFinalLoss()));
    } else if (record instanceof EvaluationCompleted evaluated) {
      return "worst attack success rate afterwards "
          + number(
              evaluated.getReport().getAsr().stream()
                  .mapToDouble(each -> each.getAfter().getRate())
                  .max()
                  .orElse(Double.NaN));
    } else if (record instanceof StageFailed failed) {
      return failed.getProblem().getCode() + ": " + failed.getProblem().getSentence();
    } else if (record instanceof EliminateBackdoor command) {
      return "asks for " + command.getMethod();
    }
    return opening(record);
  }

  private static String opening(SpecificRecord record) {
    if (record instanceof ModelIngested ingested) {
      return ingested.getModel().getArchitecture()
          + ", "
          + String.format(Locale.ROOT, "%,d", ingested.getModel().getParameters())
          + " parameters";
    } else if (record instanceof RescreeningOpened opened) {
      return opened.getCause() + ": " + opened.getReason();
    } else if (record instanceof PromotionRequested asked) {
      return "%s wants %s to name %s: %s"
          .formatted(
              asked.getRequestedBy(),
              asked.getChannel(),
              asked.getReleased().getDigest(),
              asked.getReason());
    } else if (record instanceof RequestRefused refused) {
      return refused.getActor()
          + " asked for "
          + refused.getRequest()
          + ": "
          + refused.getProblem().getSentence();
    } else if (record instanceof TriggerIntelligence known) {
      String what = known.getWithdrawn() ? " withdrew: " : ": ";
      return known.getActor() + what + known.getTrigger();
    }
    return release(record);
  }

  private static String release(SpecificRecord record) {
    if (record instanceof ReleaseAdvanced advanced) {
      return advanced.getChannel() + " names " + advanced.getReleased().getDigest();
    } else if (record instanceof ReleaseRolledBack back) {
      return back.getChannel() + ": " + back.getReason();
    } else if (record instanceof ApprovalGiven given) {
      return given.getApproval().getActor() + ": " + given.getApproval().getReason();
    } else if (record instanceof ReleaseHeld held) {
      return held.getActor() + ": " + held.getReason();
    } else if (record instanceof ReleaseRejected rejected) {
      return rejected.getActor() + ": " + rejected.getReason();
    } else if (record instanceof PolicyAdopted adopted) {
      return adopted.getActor() + ": " + adopted.getReason();
    } else if (record instanceof ChannelState state) {
      return state.getChannel()
          + (state.getReleased() == null
              ? " is empty"
              : " names " + state.getReleased().getDigest());
    }
    return "";
  }

  private static String detection(DetectionCompleted detected) {
    var report = detected.getReport();
    return report.getVerdict()
        + ", best score "
        + number(report.getBestScore())
        + ", threshold "
        + number(report.getThreshold());
  }

  private static String number(double value) {
    return Double.isFinite(value) ? String.format(Locale.ROOT, "%.3g", value) : "unknown";
  }
}
