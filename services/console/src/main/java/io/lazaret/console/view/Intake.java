package io.lazaret.console.view;

import io.lazaret.console.record.Place;
import io.lazaret.console.record.RecordStore;
import io.lazaret.console.record.StoredRecord;
import io.lazaret.console.record.Writing;
import io.lazaret.eventing.Envelopes;
import io.lazaret.lifecycle.release.Releases;
import io.lazaret.lifecycle.screening.Screening;
import io.lazaret.schemas.ActionAudited;
import io.lazaret.schemas.ApprovalExpired;
import io.lazaret.schemas.ApprovalGiven;
import io.lazaret.schemas.ChannelState;
import io.lazaret.schemas.DetectionCompleted;
import io.lazaret.schemas.Envelope;
import io.lazaret.schemas.PolicyAdopted;
import io.lazaret.schemas.ReleaseHeld;
import io.lazaret.schemas.ReleaseRejected;
import io.lazaret.schemas.StageProgress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.apache.avro.specific.SpecificRecord;

/** Takes records in, some at a time: all of a batch becomes visible together. */
public final class Intake {

  /** Mark of a record on a timeline that nobody can read. */
  public static final String UNDECODABLE = "UNDECODABLE";

  private static final Set<Class<?>> DECISIONS =
      Set.of(ApprovalGiven.class, ApprovalExpired.class, ReleaseHeld.class, ReleaseRejected.class);

  private final Projection projection;
  private final RecordStore store;
  private final TreeMap<Integer, Long> reached = new TreeMap<>();

  private Writing writing;
  private final Map<String, OpenScreening> touched = new HashMap<>();
  private final Map<String, ScreeningRow> before = new HashMap<>();
  private final Map<String, ModelRow> models = new HashMap<>();
  private final Map<String, Optional<ModelRow>> modelsBefore = new HashMap<>();
  private final Map<String, Curve> curves = new HashMap<>();
  private final Map<String, Optional<ChannelState>> channels = new LinkedHashMap<>();
  private final List<Change> changes = new ArrayList<>();
  private long undecodable;

  /** What a batch has changed. */
  record News(
      Map<String, OpenScreening> open,
      Map<String, Optional<ChannelState>> channels,
      List<Change> changes,
      long models,
      long screenings,
      long undecodable,
      String reached) {}

  Intake(Projection projection, RecordStore store) {
    this.projection = projection;
    this.store = store;
  }

  /** Where reading begins in a partition of the events, from which streams count. */
  public void begin(int partition, long offset) {
    reached.put(partition, offset);
    projection.begin(position());
  }

  /** A record of a topic that is kept; null when it cannot be read, or ends its key. */
  public void record(Decoded decoded) {
    StoredRecord stored = decoded.stored();
    if (decoded.problem() != null) {
      undecodable++;
      keep(stored, stored.key(), stored.timestamp(), UNDECODABLE);
    } else if (Projection.isEvent(stored.place())) {
      event(stored, decoded.record());
    } else {
      if (stored.place().topic().equals(io.lazaret.eventing.Topics.RELEASES)) {
        channel(stored.key(), (ChannelState) decoded.record());
      }
      if (decoded.record() instanceof ActionAudited audited) {
        writing().record(stored);
        long time = audited.getEnvelope().getOccurredAt().toEpochMilli();
        writing().list(Lists.AUDIT, time, stored.place().id());
      } else if (decoded.record() != null) {
        Envelope envelope = Envelopes.of(decoded.record());
        keep(
            stored,
            envelope.getModelName(),
            envelope.getOccurredAt().toEpochMilli(),
            envelope.getType());
      }
    }
    if (Projection.isEvent(stored.place())) {
      reached.put(stored.place().partition(), stored.place().offset() + 1);
    }
  }

  private void keep(StoredRecord stored, String model, long time, String mark) {
    writing().record(stored);
    writing().timeline(model, time, stored.place(), mark);
  }

  private void event(StoredRecord stored, SpecificRecord event) {
    Envelope envelope = Envelopes.of(event);
    String id = envelope.getScreeningId();
    OpenScreening screening = screening(envelope);
    if (envelope.getSequence() <= screening.row().sequence()) {
      return;
    }
    Screening state =
        screening.row().screening() ? OpenScreening.folded(screening.state(), event) : null;
    ScreeningRow row = ScreeningRows.after(screening.row(), event, state);
    touched.put(id, screening.after(event, row));
    long time = envelope.getOccurredAt().toEpochMilli();
    keep(stored, envelope.getModelName(), time, envelope.getType());
    writing().history(id, envelope.getSequence(), stored.place(), envelope.getType());
    if (event instanceof DetectionCompleted detected
        && detected.getReport().getEvidence() != null) {
      String hash = detected.getReport().getEvidence().getSha256();
      writing().row(Rows.EVIDENCE + hash, id.getBytes(StandardCharsets.UTF_8));
    }
    if (DECISIONS.contains(event.getClass())) {
      writing().list(Lists.DECISIONS, time, stored.place().id());
    }
    model(row, event, stored.place());
    reached.put(stored.place().partition(), stored.place().offset() + 1);
    changes.add(new Change(id, event, stored.place(), position()));
  }

  private OpenScreening screening(Envelope envelope) {
    String id = envelope.getScreeningId();
    OpenScreening known = touched.get(id);
    if (known == null) {
      known = projection.openScreening(id).orElse(null);
      if (known == null) {
        ScreeningRow row = projection.row(id).orElseGet(() -> ScreeningRows.begin(envelope));
        boolean fresh = row.sequence() < 0;
        known = new OpenScreening(row, fresh ? Screening.fold(List.of()) : null, null);
      }
      before.put(id, known.row());
      touched.put(id, known);
    }
    return known;
  }

  private void model(ScreeningRow row, SpecificRecord event, Place place) {
    ModelRow model =
        models.computeIfAbsent(
            row.model(),
            name -> {
              Optional<ModelRow> known = projection.model(name);
              modelsBefore.put(name, known);
              return known.orElseGet(() -> ModelRow.begin(name));
            });
    models.put(
        row.model(), ModelRows.after(model, row, event instanceof PolicyAdopted ? place : null));
  }

  private void channel(String key, ChannelState state) {
    channels.put(key, Optional.ofNullable(state));
    if (state != null) {
      changes.add(new Change("", state, null, ""));
    }
  }

  /** A heartbeat; a late one of a screening that is decided changes nothing. */
  public void progress(StageProgress progress) {
    String id = progress.getScreeningId();
    OpenScreening known =
        touched.containsKey(id) ? touched.get(id) : projection.openScreening(id).orElse(null);
    if (known == null || !known.row().open()) {
      return;
    }
    before.putIfAbsent(id, known.row());
    touched.put(id, known.with(progress));
    if (!progress.getFigure().isEmpty()) {
      String key = Rows.CURVE + id + "/" + progress.getJobId() + "/" + progress.getFigure();
      Curve curve = curves.get(key);
      if (curve == null) {
        curve =
            store
                .row(key)
                .map(bytes -> Rows.of(bytes, Curve.class))
                .orElseGet(() -> Curve.begin(progress));
      }
      curves.put(key, curve.with(progress));
    }
    changes.add(new Change(id, progress, null, ""));
  }

  /** The next offset to read of a partition. */
  public void offset(String topic, int partition, long next) {
    writing().offset(topic, partition, next);
  }

  private Writing writing() {
    if (writing == null) {
      writing = store.write();
    }
    return writing;
  }

  /** How far the events have been read, as streams give it out. */
  private String position() {
    StringBuilder text = new StringBuilder();
    reached.forEach((partition, next) -> text.append(text.isEmpty() ? "" : ".").append(next));
    return text.toString();
  }

  /** Makes visible what came since the last commit. */
  public void commit() {
    if (writing == null && changes.isEmpty() && touched.isEmpty() && channels.isEmpty()) {
      return;
    }
    long freshScreenings = writeScreenings();
    long freshModels = writeModels();
    curves.forEach((key, curve) -> writing().row(key, Rows.bytes(curve)));
    if (writing != null) {
      writing.commit();
      writing.close();
      writing = null;
    }
    projection.committed(
        new News(
            touched, channels, changes, freshModels, freshScreenings, undecodable, position()));
    touched.clear();
    before.clear();
    models.clear();
    modelsBefore.clear();
    curves.clear();
    channels.clear();
    changes.clear();
    undecodable = 0;
  }

  private long writeScreenings() {
    long fresh = 0;
    for (Map.Entry<String, OpenScreening> each : touched.entrySet()) {
      ScreeningRow row = each.getValue().row();
      ScreeningRow was = before.get(each.getKey());
      if (row.sequence() != was.sequence()) {
        writing().row(Rows.SCREENING + row.id(), Rows.bytes(row));
        ListChanges.write(writing(), was, row);
        fresh += was.sequence() < 0 && row.screening() ? 1 : 0;
      }
    }
    return fresh;
  }

  private long writeModels() {
    long fresh = 0;
    for (ModelRow model : models.values()) {
      Optional<ModelRow> was = modelsBefore.get(model.name());
      writing().row(Rows.MODEL + model.name(), Rows.bytes(model));
      // What concerns all models has a history, but is none of them.
      if (!model.name().equals(Releases.ALL_MODELS)) {
        was.ifPresent(row -> writing().unlist(Lists.MODELS, row.lastEventAt(), row.name()));
        writing().list(Lists.MODELS, model.lastEventAt(), model.name());
        fresh += was.isEmpty() ? 1 : 0;
      }
    }
    return fresh;
  }
}
