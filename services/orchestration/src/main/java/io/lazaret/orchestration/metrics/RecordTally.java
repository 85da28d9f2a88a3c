package io.lazaret.orchestration.metrics;

import io.lazaret.schemas.AsrMeasurement;
import io.lazaret.schemas.Decision;
import io.lazaret.schemas.ModelHeld;
import io.lazaret.schemas.ModelIngested;
import io.lazaret.schemas.ModelPromoted;
import io.lazaret.schemas.ModelRef;
import io.lazaret.schemas.ModelRejected;
import io.lazaret.schemas.ModelUnassessed;
import io.lazaret.schemas.ReleaseAdvanced;
import io.lazaret.schemas.ReleaseConfirmed;
import io.lazaret.schemas.ReleaseRolledBack;
import io.lazaret.schemas.RescreeningOpened;
import io.lazaret.schemas.Verdict;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;

/** The record folded into counts and the attack success of what is released. Thread-safe. */
final class RecordTally {

  /**
   * The worst attack success rate measured of a checkpoint.
   *
   * @param rate observed
   * @param upper95 upper 95 % bound
   */
  record Worst(double rate, double upper95) {}

  /** What a channel serves, with its worst rate where one was measured. */
  record Served(String model, String channel, Optional<Worst> worst) {}

  private final Map<Decision, Long> decisions = new EnumMap<>(Decision.class);
  private final Map<String, Worst> byDigest;
  private final Map<Channel, String> channels;
  private long confirmed;
  private long rolledBack;
  private long started;

  private record Channel(String model, String name) {}

  /**
   * @param maxCheckpoints checkpoints whose figures are remembered, the latest ones
   * @param maxChannels channels that are told of, those that changed last
   */
  RecordTally(int maxCheckpoints, int maxChannels) {
    this.byDigest = bounded(maxCheckpoints);
    this.channels = bounded(maxChannels);
  }

  /** The next event of the record. */
  synchronized void event(SpecificRecord event) {
    if (event instanceof ModelIngested || event instanceof RescreeningOpened) {
      started++;
    } else if (event instanceof ModelPromoted promoted) {
      verdict(promoted.getVerdict());
    } else if (event instanceof ModelHeld held) {
      verdict(held.getVerdict());
    } else if (event instanceof ModelRejected rejected) {
      verdict(rejected.getVerdict());
    } else if (event instanceof ModelUnassessed unassessed) {
      verdict(unassessed.getVerdict());
    } else if (event instanceof ReleaseConfirmed again) {
      confirmed++;
      measured(again.getVerdict());
    } else if (event instanceof ReleaseAdvanced advanced) {
      serves(advanced.getEnvelope().getModelName(), advanced.getChannel(), advanced.getReleased());
    } else if (event instanceof ReleaseRolledBack back) {
      rolledBack++;
      serves(back.getEnvelope().getModelName(), back.getChannel(), back.getRestored());
    }
  }

  private void verdict(Verdict verdict) {
    decisions.merge(verdict.getDecision(), 1L, Long::sum);
    measured(verdict);
  }

  private void measured(Verdict verdict) {
    ModelRef model = verdict.getReleased() == null ? verdict.getModel() : verdict.getReleased();
    if (verdict.getEvaluation() != null) {
      verdict.getEvaluation().getAsr().stream()
          .map(AsrMeasurement::getAfter)
          .map(after -> new Worst(after.getRate(), after.getUpper95()))
          .max(Comparator.comparingDouble(Worst::upper95))
          .ifPresent(worst -> byDigest.put(model.getDigest(), worst));
    }
  }

  private void serves(String model, String name, ModelRef released) {
    Channel channel = new Channel(model, name);
    channels.remove(channel);
    if (released != null) {
      channels.put(channel, released.getDigest());
    }
  }

  synchronized long decisions(Decision decision) {
    return decisions.getOrDefault(decision, 0L);
  }

  /** Releases that were looked at again and stayed. */
  synchronized long confirmed() {
    return confirmed;
  }

  synchronized long rolledBack() {
    return rolledBack;
  }

  /** Screenings and rescreenings begun. */
  synchronized long started() {
    return started;
  }

  /** What the channels serve. */
  synchronized List<Served> served() {
    List<Served> served = new ArrayList<>(channels.size());
    channels.forEach(
        (channel, digest) ->
            served.add(
                new Served(
                    channel.model(), channel.name(), Optional.ofNullable(byDigest.get(digest)))));
    return served;
  }

  private static <K, V> Map<K, V> bounded(int limit) {
    return new LinkedHashMap<>() {
      @Override
      protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
        return size() > limit;
      }
    };
  }
}
