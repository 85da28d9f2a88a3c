package io.lazaret.console;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lazaret.eventing.Envelopes;
import io.lazaret.lifecycle.screening.IllegalTransitionException;
import io.lazaret.lifecycle.screening.Screening;
import io.lazaret.lifecycle.screening.VerdictDocument;
import io.lazaret.schemas.Ids;
import io.lazaret.schemas.Job;
import io.lazaret.schemas.ModelIngested;
import io.lazaret.schemas.PromotionRequested;
import io.lazaret.schemas.RescreeningOpened;
import io.lazaret.schemas.StageProgress;
import io.lazaret.schemas.Verdict;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;

/**
 * One screening as the console shows it; immutable.
 *
 * @param screeningId its id
 * @param modelName the model
 * @param events the record so far, in sequence
 * @param progress the latest heartbeat of the stage at work; null before the first
 */
public record ScreeningView(
    String screeningId, String modelName, List<SpecificRecord> events, StageProgress progress) {

  public ScreeningView {
    events = List.copyOf(events);
  }

  /** The verdict, or null while there is none. */
  Verdict verdict() {
    for (int i = events.size() - 1; i >= 0; i--) {
      Verdict verdict = Screening.verdictOf(events.get(i));
      if (verdict != null) {
        return verdict;
      }
    }
    return null;
  }

  /** Whether this is the history of a screening, and not one of requests about releases. */
  boolean isScreening() {
    return !screeningId.equals(Ids.releases(modelName));
  }

  /** Whether no model is measured: a person wants a channel to name what was released before. */
  private boolean isPromotion() {
    return !events.isEmpty() && events.get(0) instanceof PromotionRequested;
  }

  /** What the screening waits for, where it waits for persons. */
  Optional<Screening.AwaitingApproval> awaiting() {
    return (verdict() != null || isPromotion())
            && folded().orElse(null) instanceof Screening.AwaitingApproval waiting
        ? Optional.of(waiting)
        : Optional.empty();
  }

  /** When the first event was recorded. */
  Instant startedAt() {
    return events.isEmpty() ? Instant.MIN : Envelopes.of(events.get(0)).getOccurredAt();
  }

  /** The stage that is awaited; empty while nothing is recorded, and when all is. */
  private Optional<Screening.Working> awaited() {
    return folded().orElse(null) instanceof Screening.Working working
        ? Optional.of(working)
        : Optional.empty();
  }

  private Optional<Screening> folded() {
    try {
      return Optional.of(Screening.fold(events));
    } catch (IllegalTransitionException otherRules) {
      return Optional.empty();
    }
  }

  /** The summary, with the verdict document where there is one. */
  public ObjectNode toJson() {
    JsonNodeFactory json = JsonNodeFactory.instance;
    Verdict verdict = verdict();
    ObjectNode node = json.objectNode();
    node.put("screeningId", screeningId);
    if (!events.isEmpty() && events.get(0) instanceof ModelIngested ingested) {
      node.set("model", AvroJson.of(ingested.getModel()));
      node.put("startedAt", startedAt().toString());
    } else if (!events.isEmpty() && events.get(0) instanceof RescreeningOpened opened) {
      node.set("model", AvroJson.of(opened.getReleased()));
      node.put("startedAt", startedAt().toString());
      node.put("rescreening", opened.getCause().name());
      node.put("reason", opened.getReason());
    } else if (isPromotion()) {
      PromotionRequested asked = (PromotionRequested) events.get(0);
      node.set("model", AvroJson.of(asked.getReleased()));
      node.put("startedAt", startedAt().toString());
      node.put("promotion", asked.getChannel());
      node.put("reason", asked.getReason());
    } else {
      node.set("model", json.objectNode().put("name", modelName));
    }
    node.put("events", events.size());
    node.put("sequence", events.size() - 1);
    if (verdict != null || isPromotion()) {
      node.put("state", verdict == null ? "PROMOTION" : verdict.getDecision().name());
      awaiting().ifPresent(waiting -> node.set("awaiting", awaiting(waiting)));
    } else {
      putWork(node);
    }
    node.set("verdict", verdict == null ? json.nullNode() : VerdictDocument.of(verdict));
    return node;
  }

  private static ObjectNode awaiting(Screening.AwaitingApproval waiting) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("needed", waiting.needed());
    node.put("until", waiting.until().toString());
    node.put("requestedBy", waiting.requestedBy());
    var given = node.putArray("approvals");
    waiting.approvals().forEach(approval -> given.add(AvroJson.of(approval)));
    return node;
  }

  /** Which stage is awaited, and how far it has come where it has said so. */
  private void putWork(ObjectNode node) {
    Optional<Job> awaited = awaited().map(working -> working.job(null));
    boolean spoken =
        progress != null
            && awaited.map(job -> job.getJobId().equals(progress.getJobId())).orElse(true);
    String stage =
        awaited
            .map(job -> job.getStage().name())
            .orElse(progress == null ? null : progress.getStage().name());
    node.put("state", stage == null ? "QUEUED" : stage);
    node.put("stage", stage);
    awaited.ifPresent(job -> node.put("round", job.getRound()).put("attempt", job.getAttempt()));
    node.put("fraction", spoken ? progress.getFraction() : 0);
    node.put("etaSeconds", spoken ? progress.getEtaSeconds() : null);
    node.put("message", spoken ? progress.getMessage() : "waiting for a worker");
  }
}
