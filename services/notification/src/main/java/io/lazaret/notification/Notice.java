package io.lazaret.notification;

import io.lazaret.eventing.Envelopes;
import io.lazaret.schemas.Envelope;
import io.lazaret.schemas.ModelHeld;
import io.lazaret.schemas.ModelRejected;
import io.lazaret.schemas.ModelUnassessed;
import io.lazaret.schemas.ReleaseRolledBack;
import io.lazaret.schemas.Verdict;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;

/**
 * What somebody should know of an event. All text may come from a stranger's model.
 *
 * @param eventId of the event; the same for every try, so that receivers can tell repetitions
 * @param kind what happened
 * @param model name of the model
 * @param screeningId history of the event
 * @param digest checkpoint that it is about
 * @param channel release channel of a rollback; empty otherwise
 * @param at when it was recorded
 * @param reasons why, the deciding one last
 */
record Notice(
    String eventId,
    Kind kind,
    String model,
    String screeningId,
    String digest,
    String channel,
    Instant at,
    List<String> reasons) {

  /** What is told of. */
  enum Kind {
    HELD("is held: a person has to decide"),
    REJECTED("was rejected and stays in quarantine"),
    UNASSESSED("could not be assessed and stays in quarantine"),
    ROLLED_BACK("was taken back from a release channel");

    private final String words;

    Kind(String words) {
      this.words = words;
    }

    /** The predicate of a sentence whose subject is the model. */
    String words() {
      return words;
    }
  }

  /** Notice of an event; empty for events that nobody is told of. */
  static Optional<Notice> of(SpecificRecord event) {
    if (event instanceof ModelHeld held) {
      return Optional.of(verdict(Kind.HELD, event, held.getVerdict()));
    } else if (event instanceof ModelRejected rejected) {
      return Optional.of(verdict(Kind.REJECTED, event, rejected.getVerdict()));
    } else if (event instanceof ModelUnassessed unassessed) {
      return Optional.of(verdict(Kind.UNASSESSED, event, unassessed.getVerdict()));
    } else if (event instanceof ReleaseRolledBack back) {
      return Optional.of(rollback(back));
    }
    return Optional.empty();
  }

  private static Notice verdict(Kind kind, SpecificRecord event, Verdict verdict) {
    List<String> reasons = new ArrayList<>(verdict.getReasons());
    if (verdict.getProblem() != null) {
      reasons.add(verdict.getProblem().getSentence() + " " + verdict.getProblem().getNextStep());
    }
    return notice(kind, event, verdict.getModel().getDigest(), "", reasons);
  }

  private static Notice rollback(ReleaseRolledBack back) {
    String now =
        back.getRestored() == null
            ? "The channel is empty now: no good checkpoint was left."
            : "The channel serves " + back.getRestored().getDigest() + " again.";
    return notice(
        Kind.ROLLED_BACK,
        back,
        back.getWithdrawn().getDigest(),
        back.getChannel(),
        List.of(now, back.getReason()));
  }

  private static Notice notice(
      Kind kind, SpecificRecord event, String digest, String channel, List<String> reasons) {
    Envelope envelope = Envelopes.of(event);
    return new Notice(
        envelope.getEventId(),
        kind,
        envelope.getModelName(),
        envelope.getScreeningId(),
        digest,
        channel,
        envelope.getOccurredAt(),
        List.copyOf(reasons));
  }
}
