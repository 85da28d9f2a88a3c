package io.lazaret.orchestration;

import io.lazaret.eventing.Envelopes;
import io.lazaret.lifecycle.Dropped;
import io.lazaret.lifecycle.Effects;
import io.lazaret.lifecycle.Lifecycle;
import io.lazaret.schemas.ChannelState;
import io.lazaret.schemas.Envelope;
import java.time.Instant;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One inbox record at a time: folds its screening, asks the lifecycle, writes what follows. Nothing
 * is written before everything is decided.
 */
final class LifecycleProcessor
    implements Processor<String, SpecificRecord, String, SpecificRecord> {

  private static final Logger LOG = LoggerFactory.getLogger(LifecycleProcessor.class);

  private ProcessorContext<String, SpecificRecord> context;
  private Histories histories;
  private Channels channels;

  @Override
  public void init(ProcessorContext<String, SpecificRecord> context) {
    this.context = context;
    this.histories =
        new Histories(
            context.getStateStore(Histories.OPEN), context.getStateStore(Histories.CLOSED));
    this.channels = new Channels(context.getStateStore(Channels.STORE));
  }

  @Override
  public void process(Record<String, SpecificRecord> inbox) {
    Envelope envelope = Envelopes.of(inbox.value());
    if (!envelope.getModelName().equals(inbox.key())) {
      // Another key may mean another partition, where the screening's history is not.
      throw new IllegalArgumentException(
          "the record's key is " + inbox.key() + ", not its model " + envelope.getModelName());
    }
    Instant now = Instant.ofEpochMilli(context.currentSystemTimeMs());
    Effects effects =
        Lifecycle.decide(
            histories.screening(envelope.getScreeningId()),
            channels.of(envelope.getModelName()),
            inbox.value(),
            now);
    effects.dropped().ifPresent(LifecycleProcessor::log);
    if (effects.dropped().isEmpty()) {
      write(inbox, envelope.getScreeningId(), effects, now);
    }
  }

  private void write(
      Record<String, SpecificRecord> inbox, String screeningId, Effects effects, Instant now) {
    histories.append(screeningId, effects);
    Record<String, SpecificRecord> out = inbox.withTimestamp(now.toEpochMilli());
    for (SpecificRecord event : effects.events()) {
      LOG.info(
          "{} {} {}", screeningId, Envelopes.of(event).getSequence(), event.getSchema().getName());
      context.forward(out.withValue(event), OrchestrationApp.EVENTS);
    }
    for (SpecificRecord command : effects.commands()) {
      context.forward(
          out.withValue(command), OrchestrationApp.commands(Envelopes.jobOf(command).getStage()));
    }
    for (ChannelState state : effects.channels()) {
      channels.put(state);
      context.forward(out.withKey(Channels.key(state)).withValue(state), OrchestrationApp.RELEASES);
    }
  }

  private static void log(Dropped dropped) {
    LOG.info("dropped {}: {}", dropped.reason(), dropped.sentence());
  }
}
