package io.lazaret.console.rest;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lazaret.console.view.Change;
import io.lazaret.console.view.Projection;
import io.lazaret.eventing.Envelopes;
import io.lazaret.eventing.InboxPublisher;
import io.lazaret.problem.Problem;
import io.lazaret.problem.ProblemException;
import io.lazaret.schemas.RequestRefused;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.apache.avro.specific.SpecificRecord;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Puts a person's request into the inbox and waits for what the record answers: the lifecycle alone
 * decides, here nothing is judged.
 */
@ApplicationScoped
public class Answers {

  @Inject InboxPublisher inbox;
  @Inject Projection projection;

  /** How long an answer is awaited before the request is reported as accepted only. */
  @ConfigProperty(name = "lazaret.console.answer-seconds", defaultValue = "10")
  double patienceSeconds;

  /**
   * 200 with the event that the request led to; 202 when the record has not answered yet.
   *
   * @throws ProblemException what the request was refused for
   */
  Response ask(SpecificRecord request) {
    String id = Envelopes.of(request).getEventId();
    CompletableFuture<SpecificRecord> answer = new CompletableFuture<>();
    Consumer<Change> listener =
        change -> {
          if (isAnswer(change.record(), id)) {
            answer.complete(change.record());
          }
        };
    projection.listen(listener);
    try {
      inbox.publish(request);
      Duration patience = Duration.ofMillis(Math.round(patienceSeconds * 1000));
      return of(id, Optional.of(answer.get(patience.toMillis(), TimeUnit.MILLISECONDS)));
    } catch (TimeoutException late) {
      return of(id, Optional.empty());
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return of(id, Optional.empty());
    } catch (ExecutionException impossible) {
      throw new IllegalStateException(impossible);
    } finally {
      projection.forget(listener);
    }
  }

  private static boolean isAnswer(SpecificRecord event, String requestId) {
    return event.getSchema().getField("envelope") != null
        && Envelopes.of(event).getCausationId().equals(requestId);
  }

  private static Response of(String requestId, Optional<SpecificRecord> answer) {
    ObjectNode node = JsonNodeFactory.instance.objectNode().put("requestId", requestId);
    if (answer.isEmpty()) {
      node.put("status", "ACCEPTED");
      return Response.accepted(node).build();
    }
    if (answer.get() instanceof RequestRefused refused) {
      var problem = refused.getProblem();
      throw new ProblemException(
          new Problem(
              problem.getCode(),
              problem.getSentence(),
              problem.getNextStep(),
              problem.getRetryable()));
    }
    node.put("status", "DONE");
    node.put("event", answer.get().getSchema().getName());
    node.set("record", AvroJson.of(answer.get()));
    return Response.ok(node).build();
  }
}
