package io.lazaret.console.rest;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lazaret.console.view.Histories;
import io.lazaret.console.view.OpenScreening;
import io.lazaret.console.view.ScreeningRow;
import io.lazaret.eventing.Envelopes;
import io.lazaret.lifecycle.Lifecycle;
import io.lazaret.lifecycle.decision.Circumstances;
import io.lazaret.lifecycle.decision.Effects;
import io.lazaret.lifecycle.release.Releases;
import io.lazaret.lifecycle.screening.Screening;
import io.lazaret.schemas.ApproveRelease;
import io.lazaret.schemas.ChannelState;
import io.lazaret.schemas.Envelope;
import io.lazaret.schemas.HoldRelease;
import io.lazaret.schemas.PromoteRelease;
import io.lazaret.schemas.RejectRelease;
import io.lazaret.schemas.ReleasedCheckpoint;
import io.lazaret.schemas.Request;
import io.lazaret.schemas.RequestRefused;
import io.lazaret.schemas.RescreenRelease;
import io.lazaret.schemas.RollBackRelease;
import io.lazaret.service.access.Caller;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Clock;
import java.util.List;
import java.util.function.Function;
import org.apache.avro.specific.SpecificRecord;

/**
 * What a person may ask for now. Nothing is judged here: the request is put to the lifecycle for
 * trial, and what it would refuse is not offered.
 */
@ApplicationScoped
public class Actions {

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final String TRIAL = "trial";

  @Inject Histories histories;
  @Inject Envelopes envelopes;
  @Inject Clock clock;
  @Inject Caller caller;

  /** Of a screening. */
  ArrayNode of(ScreeningRow row, OpenScreening open) {
    Screening state =
        open != null && open.state() != null
            ? open.state()
            : new Screening.Closed(
                decision(row), io.lazaret.lifecycle.screening.Position.ended(row.sequence() + 1));
    // Only an approval depends on what was released before.
    Releases releases =
        state instanceof Screening.AwaitingApproval
            ? histories.releases(row.model()).orElseGet(() -> Releases.none(row.model()))
            : Releases.none(row.model());
    ObjectNode body = JSON.objectNode().put("screening", row.id());
    ArrayNode actions = JSON.arrayNode();
    actions.add(
        action(
            "approve",
            "approvals",
            body,
            trial(state, releases, row.id(), "ApproveRelease", ApproveRelease::new)));
    actions.add(
        action(
            "reject",
            "rejections",
            body,
            trial(state, releases, row.id(), "RejectRelease", RejectRelease::new)));
    actions.add(
        action(
            "hold",
            "holds",
            body,
            trial(state, releases, row.id(), "HoldRelease", HoldRelease::new)));
    return actions;
  }

  private static io.lazaret.schemas.Decision decision(ScreeningRow row) {
    try {
      return io.lazaret.schemas.Decision.valueOf(row.state());
    } catch (IllegalArgumentException undecided) {
      return io.lazaret.schemas.Decision.UNASSESSED;
    }
  }

  /** Of a channel, with the checkpoints that it may be made to name. */
  void addTo(ObjectNode node, ChannelState channel) {
    Releases releases = histories.releases(channel.getEnvelope().getModelName()).orElse(null);
    if (releases == null) {
      // Recorded under other rules: what could be done about it is not known.
      node.putArray("candidates");
      node.putArray("actions");
      return;
    }
    String present = channel.getReleased() == null ? "" : channel.getReleased().getDigest();
    List<String> candidates =
        releases.register().getCheckpoints().stream()
            .filter(checkpoint -> !checkpoint.getWithdrawn())
            .map(ReleasedCheckpoint::getModel)
            .map(model -> model.getDigest())
            .filter(digest -> !digest.equals(present))
            .toList();
    ArrayNode digests = node.putArray("candidates");
    candidates.forEach(digests::add);
    String name = channel.getChannel();
    ObjectNode body = JSON.objectNode().put("model", releases.modelName()).put("channel", name);
    String first = candidates.isEmpty() ? "" : candidates.get(candidates.size() - 1);
    String history = releases.historyId();
    Screening none = Screening.fold(List.of());
    ArrayNode actions = node.putArray("actions");
    ObjectNode promotion = body.deepCopy().put("digest", first.isEmpty() ? null : first);
    actions.add(
        action(
            "promote",
            "promotions",
            promotion,
            first.isEmpty()
                ? "No other checkpoint was promoted."
                : trial(
                    none,
                    releases,
                    history,
                    "PromoteRelease",
                    (envelope, request) -> new PromoteRelease(envelope, request, name, first))));
    actions.add(
        action(
            "rollback",
            "rollbacks",
            body,
            trial(
                none,
                releases,
                history,
                "RollBackRelease",
                (envelope, request) -> new RollBackRelease(envelope, request, name, null))));
    actions.add(
        action(
            "rescreen",
            "rescreenings",
            body,
            trial(
                none,
                releases,
                history,
                "RescreenRelease",
                (envelope, request) -> new RescreenRelease(envelope, request, name, false))));
  }

  private interface Asking {
    SpecificRecord of(Envelope envelope, Request request);
  }

  /** Why the request would be refused; null when it would be done. */
  private String trial(
      Screening state, Releases releases, String history, String type, Asking asking) {
    Envelope envelope = envelopes.first(TRIAL, type, history, releases.modelName());
    String actor = caller.actor().orElse("(nobody)");
    SpecificRecord request = asking.of(envelope, new Request(actor, TRIAL, -1L));
    Effects effects =
        Lifecycle.decide(
            state, new Circumstances(releases, List.of(), "", clock.instant()), request);
    Function<RequestRefused, String> why = refused -> refused.getProblem().getSentence();
    return effects.events().stream()
        .filter(RequestRefused.class::isInstance)
        .map(RequestRefused.class::cast)
        .map(why)
        .findFirst()
        .orElseGet(() -> effects.dropped().map(dropped -> dropped.toString()).orElse(null));
  }

  private ObjectNode action(String name, String path, ObjectNode body, String refusal) {
    String href = "/api/releases/" + path;
    String why = caller.may("POST", href) ? refusal : "Your role does not allow this.";
    ObjectNode node = JSON.objectNode().put("name", name).put("method", "POST").put("href", href);
    node.set("body", body);
    return node.put("allowed", why == null).put("why", why);
  }
}
