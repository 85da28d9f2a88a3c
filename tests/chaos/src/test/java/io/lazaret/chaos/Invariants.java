package io.lazaret.chaos;

import io.lazaret.eventing.Envelopes;
import io.lazaret.lifecycle.history.Chain;
import io.lazaret.schemas.BackdoorEliminated;
import io.lazaret.schemas.ChannelState;
import io.lazaret.schemas.Decision;
import io.lazaret.schemas.DetectionCompleted;
import io.lazaret.schemas.DetectionVerdict;
import io.lazaret.schemas.Envelope;
import io.lazaret.schemas.EvaluationCompleted;
import io.lazaret.schemas.ModelHeld;
import io.lazaret.schemas.ModelIngested;
import io.lazaret.schemas.ModelPromoted;
import io.lazaret.schemas.ModelRejected;
import io.lazaret.schemas.ModelUnassessed;
import io.lazaret.schemas.ReleaseAdvanced;
import io.lazaret.schemas.ReleaseRolledBack;
import io.lazaret.schemas.StageFailed;
import io.lazaret.schemas.TriggerSimulated;
import io.lazaret.schemas.Verdict;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.apache.avro.specific.SpecificRecord;

/**
 * An independent judge of the record: knows the promises, not the code that keeps them. Nothing
 * here uses the lifecycle.
 */
final class Invariants {

  private final Recording recording;
  private final List<String> violations = new ArrayList<>();
  private final Map<String, List<SpecificRecord>> histories = new LinkedHashMap<>();

  private Invariants(Recording recording) {
    this.recording = recording;
    for (SpecificRecord event : recording.events()) {
      histories
          .computeIfAbsent(Envelopes.of(event).getScreeningId(), id -> new ArrayList<>())
          .add(event);
    }
  }

  /** What the record breaks, one sentence each; empty when it keeps every promise. */
  static List<String> violations(Recording recording) {
    Invariants all = new Invariants(recording);
    all.everyIngestedModelGetsOneVerdict();
    all.historiesAreGaplessAndIdsUnique();
    all.releasesTopicIsTheFoldOfTheEvents();
    all.channelsNameOnlyWhatWasPromotedForThem();
    all.whatWasRolledBackNeedsANewPromotion();
    all.everyJobTakesEffectOnce();
    all.hashChainsAreUnbroken();
    all.nothingIsReleasedOrCommandedFromNowhere();
    all.anErrorNeverBecomesClean();
    return List.copyOf(all.violations);
  }

  /** How many of the models that came in have no verdict yet. */
  static long undecided(Recording recording) {
    Invariants all = new Invariants(recording);
    all.everyIngestedModelGetsOneVerdict();
    return all.violations.size();
  }

  private void violated(String invariant, String sentence) {
    violations.add(invariant + ": " + sentence);
  }

  static Optional<Verdict> verdict(SpecificRecord event) {
    if (event instanceof ModelPromoted promoted) {
      return Optional.of(promoted.getVerdict());
    } else if (event instanceof ModelHeld held) {
      return Optional.of(held.getVerdict());
    } else if (event instanceof ModelRejected rejected) {
      return Optional.of(rejected.getVerdict());
    } else if (event instanceof ModelUnassessed unassessed) {
      return Optional.of(unassessed.getVerdict());
    }
    return Optional.empty();
  }

  /** I1. */
  private void everyIngestedModelGetsOneVerdict() {
    Set<String> asked = new HashSet<>();
    for (SpecificRecord record : recording.inbox()) {
      if (record instanceof ModelIngested) {
        asked.add(Envelopes.of(record).getScreeningId());
      }
    }
    for (String screening : asked) {
      long verdicts =
          histories.getOrDefault(screening, List.of()).stream()
              .filter(event -> verdict(event).isPresent())
              .count();
      if (verdicts != 1) {
        violated("I1", "screening " + screening + " has " + verdicts + " verdicts");
      }
    }
  }

  /** I2. */
  private void historiesAreGaplessAndIdsUnique() {
    Set<String> ids = new HashSet<>();
    histories.forEach(
        (screening, events) -> {
          for (int i = 0; i < events.size(); i++) {
            Envelope envelope = Envelopes.of(events.get(i));
            if (envelope.getSequence() != i) {
              violated("I2", screening + " has " + envelope.getSequence() + " at place " + i);
            }
            if (!ids.add(envelope.getEventId())) {
              violated("I2", "event " + envelope.getEventId() + " is there twice");
            }
          }
        });
  }

  private record Move(String channel, String digest) {}

  private static Optional<Move> move(SpecificRecord event) {
    String model = Envelopes.of(event).getModelName() + "/";
    if (event instanceof ReleaseAdvanced advanced) {
      return Optional.of(
          new Move(model + advanced.getChannel(), advanced.getReleased().getDigest()));
    } else if (event instanceof ReleaseRolledBack back) {
      return Optional.of(
          new Move(
              model + back.getChannel(),
              back.getRestored() == null ? null : back.getRestored().getDigest()));
    }
    return Optional.empty();
  }

  private static String digest(ChannelState state) {
    return state.getReleased() == null ? null : state.getReleased().getDigest();
  }

  /** I3. */
  private void releasesTopicIsTheFoldOfTheEvents() {
    Map<String, String> folded = new HashMap<>();
    recording.events().stream()
        .flatMap(event -> move(event).stream())
        .forEach(move -> folded.put(move.channel(), move.digest()));
    Map<String, String> published = new HashMap<>();
    recording
        .releases()
        .forEach(each -> published.put(each.key(), digest((ChannelState) each.value())));
    Set<String> channels = new HashSet<>(folded.keySet());
    channels.addAll(published.keySet());
    for (String channel : channels) {
      if (!Objects.equals(folded.get(channel), published.get(channel))
          || !published.containsKey(channel)) {
        violated(
            "I3",
            channel + " names " + published.get(channel) + ", the log " + folded.get(channel));
      }
    }
  }

  /** I4. */
  private void channelsNameOnlyWhatWasPromotedForThem() {
    Set<String> promoted = new HashSet<>();
    for (SpecificRecord event : recording.events()) {
      String model = Envelopes.of(event).getModelName() + " ";
      if (event instanceof ModelPromoted it) {
        promoted.add(model + it.getVerdict().getReleased().getDigest());
        for (var round : it.getVerdict().getRounds()) {
          if (round.getEvidence() == null) {
            violated("I4", "the verdict on " + model + "rests on a round without evidence");
          }
        }
      }
    }
    for (Recording.Keyed each : recording.releases()) {
      ChannelState state = (ChannelState) each.value();
      String model = state.getEnvelope().getModelName() + " ";
      if (state.getReleased() != null && !promoted.contains(model + digest(state))) {
        violated("I4", each.key() + " names " + digest(state) + ", which nobody promoted");
      }
    }
  }

  /** I5. */
  private void whatWasRolledBackNeedsANewPromotion() {
    Set<String> withdrawn = new HashSet<>();
    for (SpecificRecord event : recording.events()) {
      String model = Envelopes.of(event).getModelName() + " ";
      if (event instanceof ReleaseRolledBack back) {
        withdrawn.add(model + back.getWithdrawn().getDigest());
      } else if (event instanceof ModelPromoted promoted) {
        withdrawn.remove(model + promoted.getVerdict().getReleased().getDigest());
      }
      String again = move(event).map(move -> model + move.digest()).orElse("");
      if (withdrawn.contains(again)) {
        violated("I5", again + " serves again without a new promotion");
      }
    }
  }

  /** I6. */
  private void everyJobTakesEffectOnce() {
    Map<String, String> done = new HashMap<>();
    for (SpecificRecord event : recording.events()) {
      if (isResult(event)) {
        String job = Envelopes.jobOf(event).getJobId();
        String before = done.put(job, event.getSchema().getName());
        if (before != null) {
          violated("I6", "job " + job + " ended in " + before + " and in another result");
        }
      }
    }
  }

  private static boolean isResult(SpecificRecord event) {
    return event instanceof DetectionCompleted
        || event instanceof TriggerSimulated
        || event instanceof BackdoorEliminated
        || event instanceof EvaluationCompleted
        || event instanceof StageFailed;
  }

  /** I7. The canonical form of an event is the one thing taken from the code under test. */
  private void hashChainsAreUnbroken() {
    histories.forEach(
        (history, events) -> {
          Chain chain = Chain.verify(history, events);
          if (chain.status() != Chain.Status.CHAINED) {
            violated("I7", history + ": " + chain.sentence());
          }
        });
  }

  /** I8. */
  private void nothingIsReleasedOrCommandedFromNowhere() {
    histories.forEach(
        (screening, events) -> {
          boolean promoted = false;
          for (SpecificRecord event : events) {
            promoted |= event instanceof ModelPromoted;
            if (event instanceof ReleaseAdvanced advanced
                && !promoted
                && advanced.getPromotedBy().isEmpty()) {
              violated("I8", screening + " releases before its verdict");
            }
          }
        });
    for (SpecificRecord command : recording.commands()) {
      if (!histories.containsKey(Envelopes.of(command).getScreeningId())) {
        violated("I8", "a command for a screening that nobody opened");
      }
    }
  }

  /** I10. */
  private void anErrorNeverBecomesClean() {
    histories.forEach(
        (screening, events) -> {
          DetectionCompleted looked = null;
          EvaluationCompleted measured = null;
          for (SpecificRecord event : events) {
            if (event instanceof BackdoorEliminated) {
              looked = null;
              measured = null;
            } else if (event instanceof DetectionCompleted detected) {
              looked = detected;
            } else if (event instanceof EvaluationCompleted evaluated) {
              measured = evaluated;
            } else if (event instanceof ModelPromoted promoted) {
              boolean clean =
                  looked != null && looked.getReport().getVerdict() == DetectionVerdict.CLEAN;
              if (!clean || measured == null) {
                violated("I10", screening + " is promoted without a clean look and a measurement");
              }
              if (promoted.getVerdict().getDecision() != Decision.PROMOTED) {
                violated("I10", screening + " is promoted with another decision");
              }
            }
          }
        });
  }
}
