package io.lazaret.console;

import io.lazaret.eventing.Envelopes;
import io.lazaret.schemas.ChannelState;
import io.lazaret.schemas.StageProgress;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import org.apache.avro.specific.SpecificRecord;

/**
 * The record folded into what people ask for. Only the feed's thread changes it; any thread reads.
 */
@ApplicationScoped
public class Projection {

  private final Map<String, ScreeningView> screenings = new ConcurrentHashMap<>();
  private final Map<String, List<SpecificRecord>> record = new ConcurrentHashMap<>();
  private final Map<String, ChannelState> channels = new ConcurrentHashMap<>();
  private final List<BiConsumer<String, SpecificRecord>> listeners = new CopyOnWriteArrayList<>();

  /** An event of the record. One that was seen before (its sequence is taken) changes nothing. */
  void event(SpecificRecord event) {
    var envelope = Envelopes.of(event);
    String id = envelope.getScreeningId();
    ScreeningView view = screenings.get(id);
    List<SpecificRecord> events = view == null ? new ArrayList<>() : new ArrayList<>(view.events());
    if (envelope.getSequence() < events.size()) {
      return;
    }
    events.add(event);
    remember(envelope.getModelName(), event);
    StageProgress progress = view == null ? null : view.progress();
    screenings.put(id, new ScreeningView(id, envelope.getModelName(), events, progress));
    listeners.forEach(listener -> listener.accept(id, event));
  }

  private void remember(String model, SpecificRecord event) {
    List<SpecificRecord> events = record.computeIfAbsent(model, name -> new ArrayList<>());
    synchronized (events) {
      events.add(event);
    }
  }

  /** All events of a model, of every history, in the order of the record. */
  List<SpecificRecord> record(String model) {
    List<SpecificRecord> events = record.getOrDefault(model, List.of());
    synchronized (events) {
      return List.copyOf(events);
    }
  }

  /** Names of all models that the record knows, the one that stands for all included. */
  List<String> models() {
    return record.keySet().stream().sorted().toList();
  }

  /** A heartbeat; a late one of a finished screening changes nothing. */
  void progress(StageProgress progress) {
    String id = progress.getScreeningId();
    ScreeningView view =
        screenings.getOrDefault(
            id, new ScreeningView(id, progress.getModelName(), List.of(), null));
    if (view.verdict() == null) {
      screenings.put(id, new ScreeningView(id, view.modelName(), view.events(), progress));
      listeners.forEach(listener -> listener.accept(id, progress));
    }
  }

  /** A channel's new state; null ends the channel. */
  void channel(String key, ChannelState state) {
    if (state == null) {
      channels.remove(key);
    } else {
      channels.put(key, state);
    }
  }

  Optional<ScreeningView> screening(String screeningId) {
    return Optional.ofNullable(screenings.get(screeningId));
  }

  /** Screenings whose verdict was given and that wait for persons. */
  List<ScreeningView> waiting() {
    return screenings.values().stream()
        .filter(view -> view.awaiting().isPresent())
        .sorted(Comparator.comparing(ScreeningView::startedAt))
        .toList();
  }

  /** Newest first. */
  public List<ScreeningView> screenings(Optional<String> model, int limit) {
    return screenings.values().stream()
        .filter(ScreeningView::isScreening)
        .filter(view -> model.isEmpty() || view.modelName().equals(model.get()))
        .sorted(Comparator.comparing(ScreeningView::startedAt).reversed())
        .limit(limit)
        .toList();
  }

  /** All channels, by key {@code model/channel}. */
  Map<String, ChannelState> channels() {
    return new TreeMap<>(channels);
  }

  /** Hears (screeningId, event or progress) from now on, on the feed's thread; must not block. */
  public void listen(BiConsumer<String, SpecificRecord> listener) {
    listeners.add(listener);
  }

  void forget(BiConsumer<String, SpecificRecord> listener) {
    listeners.remove(listener);
  }
}
