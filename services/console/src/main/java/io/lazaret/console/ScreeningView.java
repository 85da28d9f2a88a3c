package io.lazaret.console;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lazaret.eventing.Envelopes;
import io.lazaret.lifecycle.IllegalTransitionException;
import io.lazaret.lifecycle.Screening;
import io.lazaret.lifecycle.VerdictDocument;
import io.lazaret.schemas.Job;
import io.lazaret.schemas.ModelHeld;
import io.lazaret.schemas.ModelIngested;
import io.lazaret.schemas.ModelPromoted;
import io.lazaret.schemas.ModelRejected;
import io.lazaret.schemas.ModelUnassessed;
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
record ScreeningView(
    String screeningId, String modelName, List<SpecificRecord> events, StageProgress progress) {

  ScreeningView {
    events = List.copyOf(events);
  }

  /** The verdict, or null while there is none. */
  Verdict verdict() {
    for (int i = events.size() - 1; i >= 0; i--) {
      SpecificRecord event = events.get(i);
      if (event instanceof ModelPromoted promoted) {
        return promoted.getVerdict();
      } else if (event instanceof ModelHeld held) {
        return held.getVerdict();
      } else if (event instanceof ModelRejected rejected) {
        return rejected.getVerdict();
      } else if (event instanceof ModelUnassessed unassessed) {
        return unassessed.getVerdict();
      }
    }
    return null;
  }

  /** When the first event was recorded. */
  Instant startedAt() {
    return events.isEmpty() ? Instant.MIN : Envelopes.of(events.get(0)).getOccurredAt();
  }

  /** The stage that is awaited; empty while nothing is recorded, and when all is. */
  private Optional<Screening.Working> awaited() {
    try {
      return Screening.fold(events) instanceof Screening.Working working
          ? Optional.of(working)
          : Optional.empty();
    } catch (IllegalTransitionException otherRules) {
      return Optional.empty();
    }
  }

  /** The summary, with the verdict document where there is one. */
  ObjectNode toJson() {
    JsonNodeFactory json = JsonNodeFactory.instance;
    Verdict verdict = verdict();
    ObjectNode node = json.objectNode();
    node.put("screeningId", screeningId);
    if (!events.isEmpty() && events.get(0) instanceof ModelIngested ingested) {
      node.set("model", AvroJson.of(ingested.getModel()));
      node.put("startedAt", startedAt().toString());
    } else {
      node.set("model", json.objectNode().put("name", modelName));
    }
    node.put("events", events.size());
    if (verdict != null) {
      node.put("state", verdict.getDecision().name());
    } else {
      putWork(node);
    }
    node.set("verdict", verdict == null ? json.nullNode() : VerdictDocument.of(verdict));
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
