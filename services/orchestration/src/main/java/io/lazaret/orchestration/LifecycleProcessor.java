package io.lazaret.orchestration;

import io.lazaret.eventing.Envelopes;
import io.lazaret.eventing.Topics;
import io.lazaret.lifecycle.Agenda;
import io.lazaret.lifecycle.Lifecycle;
import io.lazaret.lifecycle.decision.Circumstances;
import io.lazaret.lifecycle.decision.Dropped;
import io.lazaret.lifecycle.decision.Effects;
import io.lazaret.lifecycle.decision.Rescreenings;
import io.lazaret.lifecycle.release.Releases;
import io.lazaret.lifecycle.screening.Screening;
import io.lazaret.schemas.ChannelState;
import io.lazaret.schemas.Envelope;
import io.lazaret.schemas.RescreeningOpened;
import io.lazaret.schemas.Stage;
import io.lazaret.schemas.TriggerIntelligence;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One inbox record at a time: folds its screening, asks the lifecycle, writes what follows. Nothing
 * is written before everything is decided. Between the records it does what has fallen due.
 */
final class LifecycleProcessor implements Processor<String, SpecificRecord, String, byte[]> {

  private static final Logger LOG = LoggerFactory.getLogger(LifecycleProcessor.class);

  /** What goes to a sink, encoded. */
  private record Outgoing(String sink, String key, byte[] value) {}

  private final OrchestrationSettings settings;
  private final Serde<SpecificRecord> values;
  private final AtomicLong intelligenceArrivals;
  private ProcessorContext<String, byte[]> context;
  private Histories histories;
  private Registers registers;
  private Intelligence intelligence;
  private Timetable deadlines;
  private Timetable schedules;
  private Set<String> changedModels;

  LifecycleProcessor(
      OrchestrationSettings settings,
      Serde<SpecificRecord> values,
      AtomicLong intelligenceArrivals) {
    this.settings = settings;
    this.values = values;
    this.intelligenceArrivals = intelligenceArrivals;
  }

  @Override
  public void init(ProcessorContext<String, byte[]> context) {
    this.context = context;
    this.histories =
        new Histories(
            context.getStateStore(Histories.OPEN),
            context.getStateStore(Histories.CLOSED),
            values.deserializer());
    this.registers = new Registers(context.getStateStore(Registers.STORE));
    this.intelligence =
        new Intelligence(context.getStateStore(Intelligence.STORE), intelligenceArrivals);
    this.deadlines = null;
    this.schedules = new Timetable();
    this.changedModels = new HashSet<>();
    context.schedule(settings.tick(), PunctuationType.WALL_CLOCK_TIME, this::tick);
  }

  @Override
  public void process(Record<String, SpecificRecord> inbox) {
    Envelope envelope = Envelopes.of(inbox.value());
    try (Decision decision = Decision.about(envelope)) {
      decide(inbox, envelope);
    }
  }

  private void decide(Record<String, SpecificRecord> inbox, Envelope envelope) {
    String model = envelope.getModelName();
    if (!model.equals(inbox.key())) {
      // Another key may mean another partition, where the screening's history is not.
      throw new IllegalArgumentException(
          "the record's key is " + inbox.key() + ", not its model " + model);
    }
    Circumstances circumstances = circumstances(registers.of(model), now());
    Effects effects =
        Lifecycle.decide(
            histories.screening(envelope.getScreeningId()), circumstances, inbox.value());
    effects.dropped().ifPresent(LifecycleProcessor::log);
    if (effects.dropped().isEmpty()) {
      write(inbox, circumstances, effects);
    }
  }

  private Circumstances circumstances(Releases releases, Instant now) {
    if (intelligence.refresh()) {
      registers.forEachModel(changedModels::add);
    }
    return new Circumstances(releases, intelligence.known(), settings.detector(), now);
  }

  private Instant now() {
    return Instant.ofEpochMilli(context.currentSystemTimeMs());
  }

  /** Deadlines that have passed, and rescreenings that are due. */
  private void tick(long wallClock) {
    Instant now = Instant.ofEpochMilli(wallClock);
    if (deadlines == null) {
      rebuild(now);
    }
    for (String id : deadlines.due(now)) {
      Screening screening = histories.screening(id);
      String model = Envelopes.of(screening.at().last()).getModelName();
      Circumstances circumstances = circumstances(registers.of(model), now);
      Agenda.overdue(screening, circumstances)
          .ifPresent(effects -> write(own(model, now), circumstances, effects));
    }
    circumstances(Releases.none(""), now);
    changedModels.addAll(schedules.due(now));
    Set<String> models = changedModels;
    changedModels = new HashSet<>();
    models.forEach(model -> rescreen(model, now));
  }

  /** After a restart the time that stages have begins anew. */
  private void rebuild(Instant now) {
    deadlines = new Timetable();
    histories.forEachOpen((id, screening) -> deadlines.set(id, Agenda.deadline(screening, now)));
    registers.forEachModel(changedModels::add);
  }

  private void rescreen(String model, Instant now) {
    for (RescreeningOpened due : Agenda.due(circumstances(registers.of(model), now))) {
      Circumstances circumstances = circumstances(registers.of(model), now);
      write(own(model, now), circumstances, Rescreenings.open(due, circumstances));
    }
    schedules.set(model, Agenda.nextSchedule(registers.of(model)).filter(at -> at.isAfter(now)));
  }

  /** What nobody sent: the key is the model, as in the inbox. */
  private static Record<String, SpecificRecord> own(String model, Instant now) {
    return new Record<>(model, null, now.toEpochMilli());
  }

  private void write(
      Record<String, SpecificRecord> cause, Circumstances circumstances, Effects effects) {
    // All of it can be encoded before any of it is written.
    List<byte[]> events =
        effects.events().stream().map(event -> encoded(Topics.EVENTS, event)).toList();
    List<Outgoing> consequences = consequences(cause.key(), effects);
    Record<String, byte[]> out =
        cause.withTimestamp(circumstances.now().toEpochMilli()).withValue(null);
    note(circumstances.releases(), effects, events);
    for (int i = 0; i < events.size(); i++) {
      log(effects.events().get(i));
      context.forward(out.withValue(events.get(i)), OrchestrationApp.EVENTS);
    }
    for (Outgoing each : consequences) {
      context.forward(out.withKey(each.key()).withValue(each.value()), each.sink());
    }
  }

  private List<Outgoing> consequences(String model, Effects effects) {
    List<Outgoing> out = new ArrayList<>();
    for (SpecificRecord command : effects.commands()) {
      Stage stage = Envelopes.jobOf(command).getStage();
      byte[] value = encoded(Topics.commands(stage), command);
      out.add(new Outgoing(OrchestrationApp.commands(stage), model, value));
    }
    for (ChannelState state : effects.channels()) {
      String channel = model + "/" + state.getChannel();
      out.add(new Outgoing(OrchestrationApp.RELEASES, channel, encoded(Topics.RELEASES, state)));
    }
    for (TriggerIntelligence known : effects.intelligence()) {
      byte[] value = encoded(Topics.TRIGGERS, known);
      out.add(new Outgoing(OrchestrationApp.TRIGGERS, known.getTriggerId(), value));
    }
    return out;
  }

  private byte[] encoded(String topic, SpecificRecord record) {
    return values.serializer().serialize(topic, record);
  }

  private void note(Releases before, Effects effects, List<byte[]> encoded) {
    if (!effects.releases().equals(before)) {
      registers.put(effects.releases());
      changedModels.add(effects.releases().modelName());
    }
    String own = before.historyId();
    String id = "";
    List<byte[]> rows = new ArrayList<>();
    for (int i = 0; i < encoded.size(); i++) {
      String history = Envelopes.of(effects.events().get(i)).getScreeningId();
      if (!history.equals(own)) {
        id = history;
        rows.add(encoded.get(i));
      }
    }
    if (!rows.isEmpty()) {
      histories.append(id, rows, effects.after());
      if (deadlines != null) {
        deadlines.set(id, Agenda.deadline(effects.after(), now()));
      }
    }
  }

  private static void log(SpecificRecord event) {
    if (LOG.isInfoEnabled()) {
      Envelope envelope = Envelopes.of(event);
      LOG.info("{} {} {}", envelope.getScreeningId(), envelope.getSequence(), envelope.getType());
    }
  }

  private static void log(Dropped dropped) {
    LOG.info("dropped {}: {}", dropped.reason(), dropped.sentence());
  }
}
