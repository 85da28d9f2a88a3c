package io.lazaret.lifecycle.request;

import io.lazaret.lifecycle.decision.Circumstances;
import io.lazaret.lifecycle.decision.Effects;
import io.lazaret.lifecycle.decision.Recorder;
import io.lazaret.lifecycle.policy.Policy;
import io.lazaret.lifecycle.release.Releases;
import io.lazaret.lifecycle.screening.Screening;
import io.lazaret.problem.ProblemException;
import io.lazaret.schemas.AddTriggerIntelligence;
import io.lazaret.schemas.AdoptPolicy;
import io.lazaret.schemas.Ids;
import io.lazaret.schemas.PolicyAdopted;
import io.lazaret.schemas.TriggerIntelligence;
import io.lazaret.schemas.WithdrawTriggerIntelligence;
import java.util.Optional;
import java.util.TreeSet;

/** Requests that change what is measured against: policies and trigger intelligence. */
final class RuleRequests {

  private static final int LONGEST_TEXT = 4_096;
  private static final int MOST_PATTERNS = 64;

  private RuleRequests() {}

  static Effects adopt(Screening current, Circumstances circumstances, AdoptPolicy record) {
    Policy policy = Policy.parse(record.getPolicy());
    Recorder recorder = new Recorder(current, circumstances, record.getEnvelope());
    recorder.appendOwn(
        new PolicyAdopted(
            recorder.decidedOwn("PolicyAdopted"),
            record.getRequest().getActor(),
            record.getRequest().getReason(),
            policy.canonicalJson(),
            policy.digest()));
    return recorder.effects();
  }

  static Effects addTrigger(
      Screening current, Circumstances circumstances, AddTriggerIntelligence record) {
    ofAllModels(circumstances);
    Requests.limited("trigger", record.getTrigger(), LONGEST_TEXT);
    Requests.limited("target", record.getTarget(), LONGEST_TEXT);
    if (record.getConcerns().size() > MOST_PATTERNS) {
      throw ProblemException.of(
          "REQUEST_TOO_LONG",
          "The trigger concerns %d names; at most %d are taken."
              .formatted(record.getConcerns().size(), MOST_PATTERNS),
          "Use patterns with *.");
    }
    record.getConcerns().forEach(name -> Requests.limited("name of a model", name, 200));
    TreeSet<String> concerns = new TreeSet<>(record.getConcerns());
    String id = Ids.derive("trigger", record.getTrigger(), record.getTarget(), concerns);
    if (known(circumstances, id).isPresent()) {
      throw ProblemException.of(
          "TRIGGER_KNOWN", "This trigger is known already, as " + id + ".", "Nothing to do.");
    }
    Recorder recorder = new Recorder(current, circumstances, record.getEnvelope());
    recorder.appendOwn(
        TriggerIntelligence.newBuilder()
            .setEnvelope(recorder.decidedOwn("TriggerIntelligence"))
            .setTriggerId(id)
            .setTrigger(record.getTrigger())
            .setTarget(record.getTarget())
            .setSource(record.getSource())
            .setConcerns(concerns.stream().toList())
            .setActor(record.getRequest().getActor())
            .setReason(record.getRequest().getReason())
            .build());
    return recorder.effects();
  }

  /** What was measured against it before stays in the record. */
  static Effects withdrawTrigger(
      Screening current, Circumstances circumstances, WithdrawTriggerIntelligence record) {
    ofAllModels(circumstances);
    TriggerIntelligence known =
        known(circumstances, record.getTriggerId())
            .orElseThrow(
                () ->
                    ProblemException.of(
                        "TRIGGER_UNKNOWN",
                        "No trigger is known by this id.",
                        "List the known triggers: lazaret triggers list."));
    Recorder recorder = new Recorder(current, circumstances, record.getEnvelope());
    recorder.appendOwn(
        TriggerIntelligence.newBuilder(known)
            .setEnvelope(recorder.decidedOwn("TriggerIntelligence"))
            .setActor(record.getRequest().getActor())
            .setReason(record.getRequest().getReason())
            .setWithdrawn(true)
            .build());
    return recorder.effects();
  }

  private static Optional<TriggerIntelligence> known(Circumstances circumstances, String id) {
    return circumstances.intelligence().stream()
        .filter(each -> each.getTriggerId().equals(id) && !each.getWithdrawn())
        .findFirst();
  }

  private static void ofAllModels(Circumstances circumstances) {
    String model = circumstances.releases().modelName();
    if (!model.equals(Releases.ALL_MODELS)) {
      throw ProblemException.of(
          "TRIGGER_MISPLACED",
          "Trigger intelligence belongs to all models, not to " + model + ".",
          "Send it under the name " + Releases.ALL_MODELS + " and name the models it concerns.");
    }
  }
}
