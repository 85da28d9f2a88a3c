package io.lazaret.lifecycle.request;

import io.lazaret.lifecycle.decision.Circumstances;
import io.lazaret.lifecycle.decision.Consequences;
import io.lazaret.lifecycle.decision.Effects;
import io.lazaret.lifecycle.decision.Recorder;
import io.lazaret.lifecycle.decision.Rollback;
import io.lazaret.lifecycle.screening.Screening;
import io.lazaret.lifecycle.screening.Screening.AwaitingApproval;
import io.lazaret.lifecycle.screening.Screening.Closed;
import io.lazaret.lifecycle.screening.Screening.Unknown;
import io.lazaret.lifecycle.screening.Screening.Working;
import io.lazaret.problem.ProblemException;
import io.lazaret.schemas.Approval;
import io.lazaret.schemas.ApprovalGiven;
import io.lazaret.schemas.ApproveRelease;
import io.lazaret.schemas.Envelope;
import io.lazaret.schemas.HoldRelease;
import io.lazaret.schemas.RejectRelease;
import io.lazaret.schemas.ReleaseHeld;
import io.lazaret.schemas.ReleaseRejected;
import io.lazaret.schemas.Request;
import java.util.Locale;

/** Requests about one screening: its verdict is let through, refused, or waited for. */
final class ScreeningRequests {

  private ScreeningRequests() {}

  static Effects approve(Screening current, Circumstances circumstances, ApproveRelease record) {
    Request request = record.getRequest();
    AwaitingApproval waiting = waiting(current, record.getEnvelope(), request, "approve");
    anotherPerson(waiting, request.getActor());
    if (waiting.file().isPromotion()) {
      String screenedFor = PromotionRequests.stillMeant(circumstances.releases(), waiting);
      notTheRequester(request.getActor(), screenedFor, "the screening of this checkpoint");
    }
    String digest = waiting.file().current().getDigest();
    boolean bad = circumstances.releases().wasWithdrawn(digest);
    if (bad && !waiting.file().held() && !waiting.file().isRescreening()) {
      throw ProblemException.of(
          "CHECKPOINT_WITHDRAWN",
          "The checkpoint " + digest + " was withdrawn after this verdict.",
          "Screen the model again; the new verdict can be approved.");
    }
    Recorder recorder = new Recorder(current, circumstances, record.getEnvelope());
    recorder.append(
        new ApprovalGiven(
            recorder.decided("ApprovalGiven"),
            new Approval(request.getActor(), request.getReason(), recorder.now())));
    Consequences.follow(recorder);
    return recorder.effects();
  }

  private static void anotherPerson(AwaitingApproval waiting, String actor) {
    notTheRequester(
        actor,
        waiting.requestedBy(),
        waiting.file().isPromotion() ? "this promotion" : "this screening");
    if (waiting.approvals().stream().anyMatch(given -> same(given.getActor(), actor))) {
      throw ProblemException.of(
          "APPROVAL_SAME_PERSON",
          actor + " has approved already; " + waiting.needed() + " different persons are needed.",
          "Ask another person to approve.");
    }
  }

  private static void notTheRequester(String actor, String requester, String what) {
    if (same(actor, requester)) {
      throw ProblemException.of(
          "APPROVAL_BY_REQUESTER",
          actor + " asked for " + what + " and may not approve it.",
          "Ask another person to approve.");
    }
  }

  /** Two spellings of a name are not two persons. */
  private static boolean same(String one, String other) {
    return one.strip().toLowerCase(Locale.ROOT).equals(other.strip().toLowerCase(Locale.ROOT));
  }

  static Effects reject(Screening current, Circumstances circumstances, RejectRelease record) {
    Request request = record.getRequest();
    AwaitingApproval waiting = waiting(current, record.getEnvelope(), request, "reject");
    Recorder recorder = new Recorder(current, circumstances, record.getEnvelope());
    Envelope cause = recorder.decided("ReleaseRejected");
    if (waiting.file().isRescreening()) {
      Rollback.unvouched(recorder, waiting, request.getActor() + ": " + request.getReason());
    }
    Envelope envelope = recorder.decided("ReleaseRejected");
    envelope.setCausationId(cause.getCausationId());
    recorder.append(new ReleaseRejected(envelope, request.getActor(), request.getReason()));
    return recorder.effects();
  }

  static Effects hold(Screening current, Circumstances circumstances, HoldRelease record) {
    Request request = record.getRequest();
    known(current, record.getEnvelope());
    Requests.upToDate(request, current.nextSequence() - 1, "event");
    boolean holdable =
        current instanceof Working working
            && !working.file().held()
            && !working.file().isRescreening();
    if (!holdable) {
      throw wrongState(current, "hold");
    }
    Recorder recorder = new Recorder(current, circumstances, record.getEnvelope());
    recorder.append(
        new ReleaseHeld(recorder.decided("ReleaseHeld"), request.getActor(), request.getReason()));
    return recorder.effects();
  }

  private static AwaitingApproval waiting(
      Screening current, Envelope envelope, Request request, String what) {
    known(current, envelope);
    Requests.upToDate(request, current.nextSequence() - 1, "event");
    if (current instanceof AwaitingApproval waiting) {
      return waiting;
    }
    throw wrongState(current, what);
  }

  private static void known(Screening current, Envelope envelope) {
    if (current instanceof Unknown) {
      throw ProblemException.of(
          "SCREENING_UNKNOWN",
          "There is no screening "
              + envelope.getScreeningId()
              + " of "
              + envelope.getModelName()
              + ".",
          "List the screenings and use one of their ids.");
    }
  }

  private static ProblemException wrongState(Screening current, String what) {
    String state =
        current instanceof Closed closed
            ? "closed as " + closed.decision()
            : current instanceof Working working
                ? "at work in " + working.stage()
                : "waiting for approval";
    return ProblemException.of(
        "NOTHING_TO_DECIDE",
        "There is nothing to " + what + ": the screening is " + state + ".",
        "Look at the screening; only what waits for persons can be approved or rejected, and only"
            + " what is at work can be held.");
  }
}
