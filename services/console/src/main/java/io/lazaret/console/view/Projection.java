package io.lazaret.console.view;

import io.lazaret.console.record.Place;
import io.lazaret.console.record.Portion;
import io.lazaret.console.record.RecordStore;
import io.lazaret.console.record.StoredRecord;
import io.lazaret.eventing.KafkaProblems;
import io.lazaret.eventing.Topics;
import io.lazaret.lifecycle.release.Releases;
import io.lazaret.lifecycle.screening.Screening;
import io.lazaret.problem.Problem;
import io.lazaret.problem.ProblemException;
import io.lazaret.schemas.ChannelState;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Serde;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The record folded into what people ask for. What is open is held in memory, everything else is
 * read from the {@link RecordStore}. Only the feed's thread changes it; any thread reads.
 */
@ApplicationScoped
public class Projection {

  private static final Logger LOG = LoggerFactory.getLogger(Projection.class);

  private final Map<String, OpenScreening> open = new ConcurrentHashMap<>();
  private final ConcurrentSkipListMap<String, ChannelState> channels =
      new ConcurrentSkipListMap<>();
  private final List<Consumer<Change>> listeners = new CopyOnWriteArrayList<>();
  private final AtomicLong undecodable = new AtomicLong();
  private final AtomicLong models = new AtomicLong();
  private final AtomicLong screenings = new AtomicLong();
  private volatile RecordStore store;
  private volatile Serde<SpecificRecord> values;
  private volatile String reached = "";

  /** Shows what a store holds, and what is added to it from now on. */
  public void open(RecordStore from, Serde<SpecificRecord> reader) {
    values = reader;
    store = from;
    byte[] next = null;
    do {
      Portion<String> ids = from.list(Lists.OPEN, next, Lists.PORTION);
      ids.items().forEach(id -> row(id).ifPresent(row -> open.put(id, reopened(row))));
      next = ids.next();
    } while (next != null);
    models.set(count(Lists.MODELS));
    screenings.set(count(Lists.SCREENINGS));
  }

  private long count(String list) {
    long counted = 0;
    byte[] next = null;
    do {
      Portion<String> ids = store.list(list, next, Lists.PORTION);
      counted += ids.items().size();
      next = ids.next();
    } while (next != null);
    return counted;
  }

  private OpenScreening reopened(ScreeningRow row) {
    return new OpenScreening(row, fold(row.id()), null);
  }

  /** The state of a history; null where its events do not follow the rules of this version. */
  public Screening fold(String history) {
    Screening state = Screening.fold(List.of());
    byte[] next = null;
    do {
      Portion<RecordStore.Marked> places = store().history(history, next, Lists.PORTION, false);
      for (RecordStore.Marked each : places.items()) {
        state = OpenScreening.folded(state, event(each.place()).orElse(null));
      }
      next = places.next();
    } while (next != null && state != null);
    return state;
  }

  /** Begins to take in records; for the feed's thread alone. */
  public Intake intake() {
    return new Intake(this, store());
  }

  /**
   * What the log holds.
   *
   * @throws ProblemException CONSOLE_STARTING, passing
   */
  public RecordStore store() {
    RecordStore present = store;
    if (present == null) {
      throw new ProblemException(
          Problem.passing(
              "CONSOLE_STARTING", "The console has not read the record yet.", "Try again soon."));
    }
    return present;
  }

  /** Stops reading; the store may be closed then. */
  public void close() {
    store = null;
  }

  /**
   * The record of stored bytes, or why there is none.
   *
   * @throws RuntimeException one that is {@link KafkaProblems#passing}, when the registry is away
   */
  public Decoded decode(StoredRecord stored) {
    try {
      return new Decoded(stored, read(stored.place().topic(), stored.value()), null);
    } catch (SerializationException | ProblemException e) {
      if (KafkaProblems.passing(e)) {
        throw e;
      }
      return new Decoded(stored, null, Decoded.problem(e));
    }
  }

  /** The record of a topic's bytes; null for none. */
  SpecificRecord read(String topic, byte[] value) {
    return value.length == 0 ? null : values.deserializer().deserialize(topic, value);
  }

  /** The event at a place; empty when it cannot be read. */
  public Optional<SpecificRecord> event(Place place) {
    return store().record(place).map(this::decode).map(Decoded::record);
  }

  /** All events of a history, in sequence. */
  public List<SpecificRecord> events(String history) {
    return events(history, type -> true);
  }

  /** The events of a history of some types, in sequence; the others are not read. */
  public List<SpecificRecord> events(String history, Predicate<String> types) {
    List<SpecificRecord> events = new ArrayList<>();
    byte[] next = null;
    do {
      Portion<RecordStore.Marked> places = store().history(history, next, Lists.PORTION, false);
      places.items().stream()
          .filter(each -> types.test(each.mark()))
          .forEach(each -> event(each.place()).ifPresent(events::add));
      next = places.next();
    } while (next != null);
    return events;
  }

  /** The row of a history. */
  public Optional<ScreeningRow> row(String history) {
    return store().row(Rows.SCREENING + history).map(bytes -> Rows.of(bytes, ScreeningRow.class));
  }

  /** The problem of asking for a screening without a row. */
  public static ProblemException unknownScreening() {
    return ProblemException.of(
        "SCREENING_UNKNOWN",
        "There is no screening with this id.",
        "List the screenings with lazaret screenings or GET /api/screenings.");
  }

  /** The row of a model. */
  public Optional<ModelRow> model(String name) {
    return store().row(Rows.MODEL + name).map(bytes -> Rows.of(bytes, ModelRow.class));
  }

  /** The screening that evidence with a hash belongs to. */
  public Optional<String> evidence(String sha256) {
    return store()
        .row(Rows.EVIDENCE + sha256)
        .map(bytes -> new String(bytes, StandardCharsets.UTF_8));
  }

  /** Models by name. */
  public Portion<ModelRow> modelsByName(byte[] from, int limit) {
    Portion<byte[]> rows = store().rows(Rows.MODEL, from, limit);
    return new Portion<>(
        rows.items().stream()
            .map(bytes -> Rows.of(bytes, ModelRow.class))
            .filter(row -> !row.name().equals(Releases.ALL_MODELS))
            .toList(),
        rows.next());
  }

  /** Figures of the trainings of a screening. */
  public List<Curve> curves(String screening) {
    return store().rows(Rows.CURVE + screening + "/", null, Lists.PORTION).items().stream()
        .map(bytes -> Rows.of(bytes, Curve.class))
        .toList();
  }

  /** A screening that is open. */
  public Optional<OpenScreening> openScreening(String id) {
    return Optional.ofNullable(open.get(id));
  }

  /** All that is open. */
  public Collection<OpenScreening> openScreenings() {
    return open.values();
  }

  /** All channels, by key {@code model/channel}. */
  public NavigableMap<String, ChannelState> channels() {
    return Collections.unmodifiableNavigableMap(channels);
  }

  /** The channels of a model. */
  public List<ChannelState> channels(String model) {
    return channels.subMap(model + "/", model + "0").values().stream()
        .filter(channel -> channel.getEnvelope().getModelName().equals(model))
        .toList();
  }

  public long modelCount() {
    return models.get();
  }

  public long screeningCount() {
    return screenings.get();
  }

  /** Records since the start that could not be read. */
  public long undecodableCount() {
    return undecodable.get();
  }

  /** How far the record has been read, as a stream gives it out. */
  public String reached() {
    return reached;
  }

  /** Hears what is new from now on, on the feed's thread; must not block. */
  public void listen(Consumer<Change> listener) {
    listeners.add(listener);
  }

  public void forget(Consumer<Change> listener) {
    listeners.remove(listener);
  }

  /** Takes over where reading begins, before anything is read. */
  void begin(String position) {
    reached = position;
  }

  /** Takes over what an intake has committed. */
  void committed(Intake.News news) {
    news.open()
        .forEach(
            (id, screening) -> {
              if (screening.row().open()) {
                open.put(id, screening);
              } else {
                open.remove(id);
              }
            });
    news.channels()
        .forEach(
            (key, state) -> {
              if (state.isPresent()) {
                channels.put(key, state.get());
              } else {
                channels.remove(key);
              }
            });
    models.addAndGet(news.models());
    screenings.addAndGet(news.screenings());
    undecodable.addAndGet(news.undecodable());
    if (!news.reached().isEmpty()) {
      reached = news.reached();
    }
    news.changes().forEach(change -> listeners.forEach(listener -> tell(listener, change)));
  }

  /** A listener that fails must not end the reading of the record for all others. */
  private static void tell(Consumer<Change> listener, Change change) {
    try {
      listener.accept(change);
    } catch (RuntimeException e) {
      LOG.error("a reader of the projection failed", e);
    }
  }

  /** Whether a topic's records are the record itself. */
  static boolean isEvent(Place place) {
    return place.topic().equals(Topics.EVENTS);
  }
}
