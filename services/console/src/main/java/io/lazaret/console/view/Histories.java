package io.lazaret.console.view;

import io.lazaret.console.record.Place;
import io.lazaret.console.record.Portion;
import io.lazaret.console.record.RecordStore;
import io.lazaret.console.record.StoredRecord;
import io.lazaret.eventing.Envelopes;
import io.lazaret.eventing.Topics;
import io.lazaret.lifecycle.release.Releases;
import io.lazaret.lifecycle.screening.IllegalTransitionException;
import io.lazaret.lifecycle.screening.Screening;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.avro.specific.SpecificRecord;

/** All that was recorded of one model. */
@ApplicationScoped
public class Histories {

  /** Models whose releases are remembered. */
  private static final int REMEMBERED = 256;

  @Inject Projection projection;

  private record Known(long events, Optional<Releases> releases) {}

  private final Map<String, Known> releases =
      new LinkedHashMap<>(REMEMBERED, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Known> eldest) {
          return size() > REMEMBERED;
        }
      };

  /** To be injected. */
  public Histories() {}

  /** Places of all events of a model, in the order of the record. */
  public List<Place> places(String model) {
    List<Place> places = new ArrayList<>();
    byte[] next = null;
    do {
      Portion<RecordStore.Marked> part =
          projection.store().timeline(model, next, Lists.PORTION, false);
      part.items().stream()
          .map(RecordStore.Marked::place)
          .filter(place -> place.topic().equals(Topics.EVENTS))
          .forEach(places::add);
      next = part.next();
    } while (next != null);
    places.sort(Comparator.comparing(Place::partition).thenComparing(Place::offset));
    return places;
  }

  /** Reads all events of a model, in the order of the record. */
  public void each(String model, Consumer<SpecificRecord> reader) {
    for (Place place : places(model)) {
      projection.event(place).ifPresent(reader);
    }
  }

  /**
   * What the model's channels name and named, folded from all its events; empty where its events do
   * not follow the rules of this version.
   */
  public Optional<Releases> releases(String model) {
    long events = projection.model(model).map(ModelRow::events).orElse(0L);
    synchronized (releases) {
      Known known = releases.get(model);
      if (known != null && known.events() == events) {
        return known.releases();
      }
    }
    Optional<Releases> folded = foldedOrNot(model);
    synchronized (releases) {
      releases.put(model, new Known(events, folded));
    }
    return folded;
  }

  private Optional<Releases> foldedOrNot(String model) {
    try {
      return Optional.of(folded(model));
    } catch (IllegalTransitionException otherRules) {
      return Optional.empty();
    }
  }

  private Releases folded(String model) {
    Map<String, Screening> states = new HashMap<>();
    Releases[] folded = {Releases.none(model)};
    each(
        model,
        event -> {
          String history = Envelopes.of(event).getScreeningId();
          Screening before = states.computeIfAbsent(history, id -> Screening.fold(List.of()));
          folded[0] = folded[0].after(event, before);
          boolean own = history.equals(folded[0].historyId());
          Screening after = own ? before : OpenScreening.folded(before, event);
          states.put(history, after == null ? before : after);
        });
    return folded[0];
  }

  /** The record at a place, as far as it can be read. */
  public Decoded decoded(StoredRecord stored) {
    return projection.decode(stored);
  }
}
