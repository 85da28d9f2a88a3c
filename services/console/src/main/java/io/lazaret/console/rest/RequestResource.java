package io.lazaret.console.rest;

import io.lazaret.console.view.Projection;
import io.lazaret.console.view.ScreeningRow;
import io.lazaret.eventing.Envelopes;
import io.lazaret.lifecycle.release.Releases;
import io.lazaret.problem.ProblemException;
import io.lazaret.schemas.AddTriggerIntelligence;
import io.lazaret.schemas.AdoptPolicy;
import io.lazaret.schemas.ApproveRelease;
import io.lazaret.schemas.Envelope;
import io.lazaret.schemas.HoldRelease;
import io.lazaret.schemas.Ids;
import io.lazaret.schemas.PromoteRelease;
import io.lazaret.schemas.RejectRelease;
import io.lazaret.schemas.Request;
import io.lazaret.schemas.RescreenRelease;
import io.lazaret.schemas.RollBackRelease;
import io.lazaret.schemas.WithdrawTriggerIntelligence;
import io.lazaret.service.access.Caller;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.UUID;

/**
 * What persons ask for. Every request names who asks and why; {@code If-Match} names the state that
 * they saw: the sequence of the screening, or the revision of the channel. {@code Idempotency-Key}
 * makes a request that is sent twice one request.
 */
@Path("/api")
@Consumes(MediaType.APPLICATION_JSON)
@Produces(MediaType.APPLICATION_JSON)
public class RequestResource {

  /** The parts that any of the requests may have. */
  public record Ask(
      String actor,
      String reason,
      String screening,
      String model,
      String channel,
      String digest,
      Boolean detect,
      String policy,
      String trigger,
      String target,
      String source,
      List<String> concerns,
      String triggerId) {}

  private static final String KEY = "Idempotency-Key";

  @Inject Answers answers;
  @Inject Projection projection;
  @Inject Envelopes envelopes;
  @Inject Caller caller;

  @POST
  @Path("releases/approvals")
  public Response approve(
      Ask ask, @HeaderParam(HttpHeaders.IF_MATCH) String match, @HeaderParam(KEY) String key) {
    return answers.ask(
        new ApproveRelease(aboutScreening(ask, "ApproveRelease", key), request(ask, match)));
  }

  @POST
  @Path("releases/rejections")
  public Response reject(
      Ask ask, @HeaderParam(HttpHeaders.IF_MATCH) String match, @HeaderParam(KEY) String key) {
    return answers.ask(
        new RejectRelease(aboutScreening(ask, "RejectRelease", key), request(ask, match)));
  }

  /** A screening at work: whatever its verdict will be, a person has to decide. */
  @POST
  @Path("releases/holds")
  public Response hold(
      Ask ask, @HeaderParam(HttpHeaders.IF_MATCH) String match, @HeaderParam(KEY) String key) {
    return answers.ask(
        new HoldRelease(aboutScreening(ask, "HoldRelease", key), request(ask, match)));
  }

  /** Let a channel name a digest that was promoted before. */
  @POST
  @Path("releases/promotions")
  public Response promote(
      Ask ask, @HeaderParam(HttpHeaders.IF_MATCH) String match, @HeaderParam(KEY) String key) {
    return answers.ask(
        new PromoteRelease(
            aboutModel(ask, "PromoteRelease", key),
            request(ask, match),
            required("channel", ask.channel()),
            required("digest", ask.digest())));
  }

  @POST
  @Path("releases/rollbacks")
  public Response rollBack(
      Ask ask, @HeaderParam(HttpHeaders.IF_MATCH) String match, @HeaderParam(KEY) String key) {
    return answers.ask(
        new RollBackRelease(
            aboutModel(ask, "RollBackRelease", key),
            request(ask, match),
            required("channel", ask.channel()),
            ask.digest()));
  }

  @POST
  @Path("releases/rescreenings")
  public Response rescreen(
      Ask ask, @HeaderParam(HttpHeaders.IF_MATCH) String match, @HeaderParam(KEY) String key) {
    return answers.ask(
        new RescreenRelease(
            aboutModel(ask, "RescreenRelease", key),
            request(ask, match),
            required("channel", ask.channel()),
            Boolean.TRUE.equals(ask.detect())));
  }

  @POST
  @Path("policies")
  public Response adopt(Ask ask, @HeaderParam(KEY) String key) {
    return answers.ask(
        new AdoptPolicy(
            aboutModel(ask, "AdoptPolicy", key),
            request(ask, null),
            required("policy", ask.policy())));
  }

  @POST
  @Path("triggers")
  public Response addTrigger(Ask ask, @HeaderParam(KEY) String key) {
    return answers.ask(
        AddTriggerIntelligence.newBuilder()
            .setEnvelope(envelope("AddTriggerIntelligence", key, null, Releases.ALL_MODELS))
            .setRequest(request(ask, null))
            .setTrigger(required("trigger", ask.trigger()))
            .setTarget(required("target", ask.target()))
            .setSource(ask.source() == null ? "" : ask.source())
            .setConcerns(ask.concerns() == null ? List.of() : ask.concerns())
            .build());
  }

  /** Nobody is measured against this trigger any more; its history stays. */
  @POST
  @Path("triggers/withdrawals")
  public Response withdrawTrigger(Ask ask, @HeaderParam(KEY) String key) {
    return answers.ask(
        new WithdrawTriggerIntelligence(
            envelope("WithdrawTriggerIntelligence", key, null, Releases.ALL_MODELS),
            request(ask, null),
            required("triggerId", ask.triggerId())));
  }

  /** The model is the one that the console knows the screening of. */
  private Envelope aboutScreening(Ask ask, String type, String key) {
    String id = required("screening", ask == null ? null : ask.screening());
    String model =
        projection
            .row(id)
            .filter(ScreeningRow::screening)
            .map(ScreeningRow::model)
            .orElseThrow(Projection::unknownScreening);
    return envelope(type, key, id, model);
  }

  private Envelope aboutModel(Ask ask, String type, String key) {
    String model = required("model", ask == null ? null : ask.model());
    if (projection.model(model).isEmpty() || model.equals(Releases.ALL_MODELS)) {
      throw ProblemException.of(
          "MODEL_UNKNOWN",
          "No model of this name was ever screened.",
          "List the screenings with lazaret screenings or GET /api/screenings.");
    }
    return envelope(type, key, null, model);
  }

  private Envelope envelope(String type, String key, String screening, String model) {
    String id =
        key == null ? UUID.randomUUID().toString() : Ids.derive("request", type, model, key);
    String history = screening == null ? Ids.releases(model) : screening;
    return envelopes.first(id, type, history, model);
  }

  /** The name in the token counts; the one in the request only where nobody needs a token. */
  private Request request(Ask ask, String match) {
    String said = ask == null ? null : ask.actor();
    return new Request(
        required("actor", caller.actor().orElse(said)),
        required("reason", ask == null ? null : ask.reason()),
        expected(match));
  }

  private static long expected(String match) {
    if (match == null || match.equals("*")) {
      return -1;
    }
    try {
      // The tag of a document is the number, and behind a hyphen the mark of its content.
      return Long.parseLong(match.replace("W/", "").replace("\"", "").strip().split("-", 2)[0]);
    } catch (NumberFormatException notANumber) {
      throw ProblemException.of(
          "IF_MATCH_INVALID",
          "If-Match is neither a sequence nor a revision.",
          "Give the sequence of the screening, or the revision of the channel, as a number.");
    }
  }

  private static String required(String what, String given) {
    if (given == null || given.isBlank()) {
      throw ProblemException.of(
          "REQUEST_INCOMPLETE", "The request has no " + what + ".", "Give the " + what + ".");
    }
    return given;
  }
}
