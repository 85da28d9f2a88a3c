package io.lazaret.orchestration;

import io.lazaret.eventing.Envelopes;
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
import io.lazaret.schemas.TriggerIntelligence;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.avro.specific.SpecificRecord;
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
final class LifecycleProcessor
    implements Processor<String, SpecificRecord, String, SpecificRecord> {

  private static final Logger LOG = LoggerFactory.getLogger(LifecycleProcessor.class);

  private final OrchestrationSettings settings;
  private final AtomicLong intelligenceArrivals;
  private ProcessorContext<String, SpecificRecord> context;
  private Histories histories;
  private Registers registers;
  private Intelligence intelligence;
  private Timetable deadlines;
  private Timetable schedules;
  private Set<String> changedModels;

  LifecycleProcessor(OrchestrationSettings settings, AtomicLong intelligenceArrivals) {
    this.settings = settings;
    this.intelligenceArrivals = intelligenceArrivals;
  }

  @Override
  public void init(ProcessorContext<String, SpecificRecord> context) {
    this.context = context;
    this.histories =
        new Histories(
            context.getStateStore(Histories.OPEN), context.getStateStore(Histories.CLOSED));
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
      registers.forEach(each -> changedModels.add(each.modelName()));
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
    registers.forEach(releases -> changedModels.add(releases.modelName()));
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
    Record<String, SpecificRecord> out = cause.withTimestamp(circumstances.now().toEpochMilli());
    note(circumstances.releases(), effects);
    for (SpecificRecord event : effects.events()) {
      Envelope envelope = Envelopes.of(event);
      LOG.info("{} {} {}", envelope.getScreeningId(), envelope.getSequence(), envelope.getType());
      context.forward(out.withValue(event), OrchestrationApp.EVENTS);
    }
    for (SpecificRecord command : effects.commands()) {
      context.forward(
          out.withValue(command), OrchestrationApp.commands(Envelopes.jobOf(command).getStage()));
    }
    for (ChannelState state : effects.channels()) {
      context.forward(
          out.withKey(out.key() + "/" + state.getChannel()).withValue(state),
          OrchestrationApp.RELEASES);
    }
    for (TriggerIntelligence known : effects.intelligence()) {
      context.forward(
          out.withKey(known.getTriggerId()).withValue(known), OrchestrationApp.TRIGGERS);
    }
  }

  private void note(Releases before, Effects effects) {
    if (!effects.releases().equals(before)) {
      registers.put(effects.releases());
      changedModels.add(effects.releases().modelName());
    }
    String own = before.historyId();
    List<SpecificRecord> events =
        effects.events().stream()
            .filter(event -> !Envelopes.of(event).getScreeningId().equals(own))
            .toList();
    if (!events.isEmpty()) {
      String id = Envelopes.of(events.get(0)).getScreeningId();
      histories.append(id, events, effects.after());
      if (deadlines != null) {
        deadlines.set(id, Agenda.deadline(effects.after(), now()));
      }
    }
  }

  private static void log(Dropped dropped) {
    LOG.info("dropped {}: {}", dropped.reason(), dropped.sentence());
  }
}
