package io.lazaret.lifecycle.request;

import io.lazaret.lifecycle.decision.Circumstances;
import io.lazaret.lifecycle.decision.Dropped;
import io.lazaret.lifecycle.decision.Effects;
import io.lazaret.lifecycle.decision.Recorder;
import io.lazaret.lifecycle.screening.Facts;
import io.lazaret.lifecycle.screening.Screening;
import io.lazaret.problem.ProblemException;
import io.lazaret.schemas.AddTriggerIntelligence;
import io.lazaret.schemas.AdoptPolicy;
import io.lazaret.schemas.ApproveRelease;
import io.lazaret.schemas.Envelope;
import io.lazaret.schemas.HoldRelease;
import io.lazaret.schemas.Problem;
import io.lazaret.schemas.PromoteRelease;
import io.lazaret.schemas.RejectRelease;
import io.lazaret.schemas.Request;
import io.lazaret.schemas.RequestRefused;
import io.lazaret.schemas.RescreenRelease;
import io.lazaret.schemas.RollBackRelease;
import io.lazaret.schemas.WithdrawTriggerIntelligence;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;

/**
 * What persons ask for. Every request is answered in the record: by the event that it asked for, or
 * by RequestRefused with the problem; both name the request as their cause.
 */
public final class Requests {

  private static final int LONGEST_ACTOR = 200;
  private static final int LONGEST_REASON = 2_000;

  /** How each request is done; a ProblemException refuses it. */
  private interface Handler {
    Effects apply(Screening current, Circumstances circumstances, SpecificRecord record);
  }

  private static final Map<Class<?>, Handler> HANDLERS =
      Map.of(
          ApproveRelease.class,
          (s, c, r) -> ScreeningRequests.approve(s, c, (ApproveRelease) r),
          RejectRelease.class,
          (s, c, r) -> ScreeningRequests.reject(s, c, (RejectRelease) r),
          HoldRelease.class,
          (s, c, r) -> ScreeningRequests.hold(s, c, (HoldRelease) r),
          PromoteRelease.class,
          (s, c, r) -> PromotionRequests.promote(s, c, (PromoteRelease) r),
          RollBackRelease.class,
          (s, c, r) -> ChannelRequests.rollBack(s, c, (RollBackRelease) r),
          RescreenRelease.class,
          (s, c, r) -> ChannelRequests.rescreen(c, (RescreenRelease) r),
          AdoptPolicy.class,
          (s, c, r) -> RuleRequests.adopt(s, c, (AdoptPolicy) r),
          AddTriggerIntelligence.class,
          (s, c, r) -> RuleRequests.addTrigger(s, c, (AddTriggerIntelligence) r),
          WithdrawTriggerIntelligence.class,
          (s, c, r) -> RuleRequests.withdrawTrigger(s, c, (WithdrawTriggerIntelligence) r));

  private Requests() {}

  public static boolean isRequest(SpecificRecord record) {
    return HANDLERS.containsKey(record.getClass());
  }

  public static Effects decide(
      Screening current, Circumstances circumstances, SpecificRecord record) {
    Envelope envelope = Facts.envelope(record);
    if (circumstances.releases().hasAnswered(envelope.getEventId())) {
      return Effects.none(
          current,
          circumstances.releases(),
          new Dropped(
              Dropped.Reason.DUPLICATE,
              Facts.type(record) + " " + envelope.getEventId() + " was answered"));
    }
    try {
      signed(Facts.request(record));
      return HANDLERS.get(record.getClass()).apply(current, circumstances, record);
    } catch (ProblemException refused) {
      return refused(current, circumstances, record, refused.problem());
    }
  }

  private static void signed(Request request) {
    limited("actor", request.getActor(), LONGEST_ACTOR);
    limited("reason", request.getReason(), LONGEST_REASON);
  }

  /** Refuses texts that are missing or longer than a person writes. */
  static void limited(String what, String text, int longest) {
    if (text.isBlank()) {
      throw ProblemException.of(
          "REQUEST_INCOMPLETE", "The request has no " + what + ".", "Give the " + what + ".");
    }
    if (text.length() > longest) {
      throw ProblemException.of(
          "REQUEST_TOO_LONG",
          "The %s has %d characters; at most %d are taken.".formatted(what, text.length(), longest),
          "Shorten the " + what + ".");
    }
  }

  /** Refuses a request that was made of another state of things. */
  static void upToDate(Request request, long present, String what) {
    if (request.getExpected() >= 0 && request.getExpected() != present) {
      throw ProblemException.of(
          "REQUEST_STALE",
          "The request was made of %s %d; it is %d now."
              .formatted(what, request.getExpected(), present),
          "Look at what has changed and ask again.");
    }
  }

  private static Effects refused(
      Screening current,
      Circumstances circumstances,
      SpecificRecord record,
      io.lazaret.problem.Problem problem) {
    Envelope envelope = Facts.envelope(record);
    Recorder recorder = new Recorder(current, circumstances, envelope);
    recorder.appendOwn(
        new RequestRefused(
            recorder.decidedOwn("RequestRefused"),
            Facts.type(record),
            envelope.getEventId(),
            envelope.getScreeningId(),
            Facts.request(record).getActor(),
            new Problem(
                problem.code(), problem.sentence(), problem.nextStep(), problem.retryable())));
    return recorder.effects();
  }
}
