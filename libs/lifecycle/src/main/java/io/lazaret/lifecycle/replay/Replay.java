package io.lazaret.lifecycle.replay;

import io.lazaret.lifecycle.history.Chain;
import io.lazaret.lifecycle.release.Releases;
import io.lazaret.lifecycle.screening.IllegalTransitionException;
import io.lazaret.lifecycle.screening.Screening;
import io.lazaret.lifecycle.screening.VerdictDocument;
import io.lazaret.schemas.ChannelState;
import io.lazaret.schemas.Envelope;
import io.lazaret.schemas.Ids;
import io.lazaret.schemas.Verdict;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.avro.specific.SpecificRecord;

/**
 * Folds recorded events again, away from everything that they could have an effect on: every
 * verdict is decided anew from what stood in its history before it.
 */
public final class Replay {

  /**
   * One history.
   *
   * @param id of the screening, or of the model's own history
   * @param model its name
   * @param chain what its links say
   * @param recorded the verdict document as it was recorded; null where there is no verdict
   * @param replayed the verdict document as it is decided now; null where there is none
   * @param problem what keeps the history from being folded; null where nothing does
   */
  public record Outcome(
      String id, String model, Chain chain, String recorded, String replayed, String problem) {

    /** Whether the same events gave the same bytes. */
    public boolean holds() {
      boolean same = recorded == null ? replayed == null : recorded.equals(replayed);
      return problem == null && same && chain.status() != Chain.Status.BROKEN;
    }
  }

  private Replay() {}

  /** Replays one history, from its first event. */
  public static Outcome of(List<? extends SpecificRecord> history) {
    Envelope first = envelope(history.get(0));
    String id = first.getScreeningId();
    Chain chain = Chain.verify(id, history);
    if (id.equals(Ids.releases(first.getModelName()))) {
      return new Outcome(id, first.getModelName(), chain, null, null, null);
    }
    String recorded = null;
    String replayed = null;
    String problem = null;
    try {
      Screening state = new Screening.Unknown();
      for (SpecificRecord event : history) {
        Verdict verdict = Screening.verdictOf(event);
        if (verdict != null) {
          recorded = VerdictDocument.of(verdict).toString();
          replayed = VerdictDocument.of(Screening.verdictOf(state.decideAgain(event))).toString();
        }
        state = state.after(event);
      }
    } catch (IllegalTransitionException illegal) {
      problem = illegal.getMessage();
    }
    return new Outcome(id, first.getModelName(), chain, recorded, replayed, problem);
  }

  /** Replays every history of a record, in the order in which they began. */
  public static List<Outcome> all(List<? extends SpecificRecord> record) {
    Map<String, List<SpecificRecord>> histories = new LinkedHashMap<>();
    record.forEach(
        event ->
            histories
                .computeIfAbsent(envelope(event).getScreeningId(), id -> new ArrayList<>())
                .add(event));
    return histories.values().stream().map(Replay::of).toList();
  }

  /**
   * What every channel of every model names after a record, by {@code model/channel}.
   *
   * @param record events in the order of the log; only the order within a model matters
   */
  public static Map<String, ChannelState> channels(List<? extends SpecificRecord> record) {
    Map<String, Releases> releases = new TreeMap<>();
    Map<String, Screening> screenings = new HashMap<>();
    for (SpecificRecord event : record) {
      Envelope envelope = envelope(event);
      String id = envelope.getScreeningId();
      Screening before = screenings.getOrDefault(id, new Screening.Unknown());
      releases.compute(
          envelope.getModelName(),
          (model, known) -> (known == null ? Releases.none(model) : known).after(event, before));
      if (!id.equals(Ids.releases(envelope.getModelName()))) {
        screenings.put(id, before.after(event));
      }
    }
    Map<String, ChannelState> channels = new TreeMap<>();
    releases.forEach(
        (model, each) ->
            each.channels().forEach(c -> channels.put(model + "/" + c.getChannel(), c)));
    return channels;
  }

  private static Envelope envelope(SpecificRecord event) {
    return (Envelope) event.get(event.getSchema().getField("envelope").pos());
  }
}
