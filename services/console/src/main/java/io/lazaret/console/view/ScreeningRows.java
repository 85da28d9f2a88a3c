package io.lazaret.console.view;

import io.lazaret.eventing.Envelopes;
import io.lazaret.lifecycle.screening.Screening;
import io.lazaret.schemas.Decision;
import io.lazaret.schemas.Envelope;
import io.lazaret.schemas.Ids;
import io.lazaret.schemas.ModelIngested;
import io.lazaret.schemas.ModelRef;
import io.lazaret.schemas.PromotionRequested;
import io.lazaret.schemas.RescreeningOpened;
import io.lazaret.schemas.StageFailed;
import io.lazaret.schemas.Verdict;
import java.util.List;
import org.apache.avro.specific.SpecificRecord;

/** What an event changes in the row of its history. */
final class ScreeningRows {

  private ScreeningRows() {}

  /** The row before the first event of a history. */
  static ScreeningRow begin(Envelope envelope) {
    String id = envelope.getScreeningId();
    boolean screening = !id.equals(Ids.releases(envelope.getModelName()));
    long at = envelope.getOccurredAt().toEpochMilli();
    return ScreeningRow.begin(id, screening, envelope.getModelName(), at);
  }

  /**
   * The row after an event.
   *
   * @param state of the screening after the event; null where the rules of this version do not fit
   */
  static ScreeningRow after(ScreeningRow row, SpecificRecord event, Screening state) {
    Envelope envelope = Envelopes.of(event);
    long at = envelope.getOccurredAt().toEpochMilli();
    Change change = new Change(row);
    change.updatedAt = at;
    change.sequence = envelope.getSequence();
    if (event instanceof ModelIngested ingested) {
      change.opened(ingested.getModel(), ingested.getRequestedBy(), "", "");
    } else if (event instanceof RescreeningOpened opened) {
      change.opened(
          opened.getReleased(),
          opened.getRequestedBy(),
          opened.getCause().name(),
          opened.getReason());
    } else if (event instanceof PromotionRequested asked) {
      change.opened(asked.getReleased(), asked.getRequestedBy(), "PROMOTION", asked.getReason());
      change.state = "PROMOTION";
    } else if (event instanceof StageFailed) {
      change.failed++;
    }
    Verdict verdict = Screening.verdictOf(event);
    if (verdict != null) {
      change.judged(verdict, at);
    }
    if (row.screening()) {
      change.stands(state, at);
    }
    return change.row();
  }

  /** The parts of a row that events change. */
  private static final class Change {

    private final ScreeningRow before;
    private ModelRef model;
    private long updatedAt;
    private long sequence;
    private String state;
    private boolean open;
    private boolean waiting;
    private String stage;
    private int round;
    private int attempt;
    private long stageSince;
    private int failed;
    private String requestedBy;
    private String cause;
    private String reason;
    private String decision;
    private long decidedAt;
    private double seconds;
    private String why;

    Change(ScreeningRow before) {
      this.before = before;
      state = before.state();
      open = before.open();
      stage = before.stage();
      round = before.round();
      attempt = before.attempt();
      stageSince = before.stageSince();
      failed = before.failed();
      requestedBy = before.requestedBy();
      cause = before.cause();
      reason = before.reason();
      decision = before.decision();
      decidedAt = before.decidedAt();
      seconds = before.seconds();
      why = before.why();
    }

    void opened(ModelRef ref, String by, String because, String inWords) {
      model = ref;
      requestedBy = by;
      cause = because;
      reason = inWords;
    }

    void judged(Verdict verdict, long at) {
      decision = verdict.getDecision().name();
      decidedAt = at;
      seconds = verdict.getDurationSeconds();
      why = why(verdict);
      state = decision;
      stage = "";
    }

    /** The rule that decided, or else the conclusion. */
    private static String why(Verdict verdict) {
      List<String> reasons = verdict.getReasons();
      return verdict.getRules().stream()
          .filter(rule -> !rule.getHolds())
          .findFirst()
          .map(RuleWords::sentence)
          .orElse(reasons.isEmpty() ? "" : reasons.get(reasons.size() - 1));
    }

    void stands(Screening now, long at) {
      if (now instanceof Screening.Working working) {
        boolean another =
            !working.stage().name().equals(stage) || working.job(null).getRound() != round;
        stageSince = another ? at : stageSince;
        stage = working.stage().name();
        state = stage;
        round = working.job(null).getRound();
        attempt = working.attempt();
      } else if (now instanceof Screening.AwaitingApproval) {
        waiting = true;
        stage = "";
        // Whatever was decided: nothing happens before a person has spoken.
        state = decision.isEmpty() ? state : Decision.HELD.name();
      } else if (now instanceof Screening.Closed closed) {
        state = closed.decision().name();
        open = false;
        stage = "";
      } else if (now == null && !decision.isEmpty()) {
        // Rules of another version: with a verdict, nothing more is expected.
        open = false;
      }
    }

    ScreeningRow row() {
      return new ScreeningRow(
          before.id(),
          before.screening(),
          before.model(),
          model == null ? before.digest() : model.getDigest(),
          model == null ? before.architecture() : model.getArchitecture(),
          model == null ? before.parameters() : model.getParameters(),
          before.startedAt(),
          updatedAt,
          sequence,
          state,
          open,
          waiting,
          stage,
          round,
          attempt,
          stageSince,
          failed,
          requestedBy,
          cause,
          reason,
          decision,
          decidedAt,
          seconds,
          why);
    }
  }
}
