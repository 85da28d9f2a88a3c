package io.lazaret.lifecycle;

import io.lazaret.lifecycle.screening.Facts;
import io.lazaret.lifecycle.screening.Screening;
import io.lazaret.schemas.AddTriggerIntelligence;
import io.lazaret.schemas.AdoptPolicy;
import io.lazaret.schemas.ApproveRelease;
import io.lazaret.schemas.Envelope;
import io.lazaret.schemas.HoldRelease;
import io.lazaret.schemas.Ids;
import io.lazaret.schemas.PromoteRelease;
import io.lazaret.schemas.PromotionRequested;
import io.lazaret.schemas.RejectRelease;
import io.lazaret.schemas.Request;
import io.lazaret.schemas.RequestRefused;
import io.lazaret.schemas.RescreenRelease;
import io.lazaret.schemas.RescreeningOpened;
import io.lazaret.schemas.RollBackRelease;
import io.lazaret.schemas.UtilityMeasurement;
import io.lazaret.schemas.WithdrawTriggerIntelligence;
import java.util.List;
import org.apache.avro.specific.SpecificRecord;

/**
 * What persons ask for in a story. Every request returns what answers it: the code of the problem,
 * or the name of the first event.
 */
final class People {

  final Story story;
  private int requests;

  People(Story story) {
    this.story = story;
  }

  /** The stages of a screening at work find nothing. */
  void measuredClean() {
    story.send(story.clean());
    story.send(
        story.evaluated(List.of(), List.of(new UtilityMeasurement("exactMatch", 0.6, 0.6, 512))));
  }

  SpecificRecord lastEvent() {
    return story.record.get(story.record.size() - 1);
  }

  String approve(String actor) {
    return approve(actor, -1);
  }

  String approve(String actor, long expected) {
    return ask(new ApproveRelease(screening("ApproveRelease"), request(actor, expected)));
  }

  String reject(String actor) {
    return ask(new RejectRelease(screening("RejectRelease"), request(actor, -1)));
  }

  String hold(String actor) {
    return ask(new HoldRelease(screening("HoldRelease"), request(actor, -1)));
  }

  String promote(String actor, String channel, String digest) {
    return ask(
        new PromoteRelease(model("PromoteRelease", "nano"), request(actor, -1), channel, digest));
  }

  String rollBack(String actor, String channel) {
    return ask(
        new RollBackRelease(model("RollBackRelease", "nano"), request(actor, -1), channel, null));
  }

  String rescreen(String actor, String channel) {
    return ask(
        new RescreenRelease(model("RescreenRelease", "nano"), request(actor, -1), channel, false));
  }

  String adopt(String actor, String policy) {
    return ask(new AdoptPolicy(model("AdoptPolicy", "nano"), request(actor, -1), policy));
  }

  String addTrigger(String model, String trigger, String target, List<String> concerns) {
    return ask(
        new AddTriggerIntelligence(
            model("AddTriggerIntelligence", model),
            request("ada", -1),
            trigger,
            target,
            "a feed",
            concerns));
  }

  String withdrawTrigger(String model, String id) {
    return ask(
        new WithdrawTriggerIntelligence(
            model("WithdrawTriggerIntelligence", model), request("ada", -1), id));
  }

  static Request request(String actor, long expected) {
    return new Request(actor, "because", expected);
  }

  /** Sends a request; what belongs to the model goes on beside the screening of the story. */
  String ask(SpecificRecord request) {
    Screening before = story.state;
    boolean ofScreening = !Facts.envelope(request).getScreeningId().equals(Ids.releases("nano"));
    if (!ofScreening) {
      story.state = new Screening.Unknown();
    }
    List<SpecificRecord> events = story.send(request).events();
    SpecificRecord first = events.get(0);
    if (first instanceof PromotionRequested || first instanceof RescreeningOpened) {
      story.history.clear();
      story.history.addAll(events);
    } else if (!ofScreening) {
      story.state = before;
    }
    return first instanceof RequestRefused refused
        ? refused.getProblem().getCode()
        : Facts.type(first);
  }

  Envelope screening(String type) {
    String id =
        story.state.at().last() == null
            ? "s1"
            : Facts.envelope(story.state.at().last()).getScreeningId();
    Envelope envelope = model(type, "nano");
    envelope.setScreeningId(id);
    return envelope;
  }

  Envelope model(String type, String model) {
    Envelope envelope = Story.envelope("request" + ++requests, type, "");
    envelope.setScreeningId(Ids.releases(model));
    envelope.setModelName(model);
    return envelope;
  }
}
