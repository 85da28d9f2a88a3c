package io.lazaret.lifecycle;

import io.lazaret.lifecycle.Screening.Unknown;
import io.lazaret.lifecycle.Screening.Working;
import io.lazaret.schemas.ChannelState;
import io.lazaret.schemas.Envelope;
import io.lazaret.schemas.Ids;
import io.lazaret.schemas.TriggerIntelligence;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;

/** One decision while it is made: every event is applied before the next one is thought of. */
final class Recorder {

  private final Instant now;
  private final List<SpecificRecord> events = new ArrayList<>();
  private final List<ChannelState> channels = new ArrayList<>();
  private final List<TriggerIntelligence> intelligence = new ArrayList<>();
  private final String jobBefore;
  private Screening state;
  private Releases releases;
  private Envelope cause;

  /**
   * @param cause what set the decision off; its ids go into everything that follows
   */
  Recorder(Screening state, Circumstances circumstances, Envelope cause) {
    this.state = state;
    this.releases = circumstances.releases();
    this.now = circumstances.now();
    this.cause = cause;
    this.jobBefore = awaitedJob();
  }

  Screening state() {
    return state;
  }

  Releases releases() {
    return releases;
  }

  Instant now() {
    return now;
  }

  /** Records an event of the screening. */
  void append(SpecificRecord record) {
    SpecificRecord event = Facts.at(state.at(), record);
    Screening before = state;
    state = Transitions.after(state, event);
    took(event, before);
  }

  /** Records an event of the model's own history, beside those of its screenings. */
  void appendOwn(SpecificRecord record) {
    SpecificRecord event =
        Facts.placed(record, releases.historyId(), releases.nextSequence(), releases.link());
    took(event, new Unknown());
  }

  private void took(SpecificRecord event, Screening before) {
    releases = releases.after(event, before);
    cause = Facts.envelope(event);
    events.add(event);
    Optional.ofNullable(Releases.channelState(event)).ifPresent(channels::add);
    if (event instanceof TriggerIntelligence known) {
      intelligence.add(known);
    }
  }

  /** The envelope of the screening's next event. */
  Envelope decided(String type) {
    return decided(type, cause.getScreeningId(), state.nextSequence());
  }

  /** The envelope of the next event of the model's own history. */
  Envelope decidedOwn(String type) {
    return decided(type, releases.historyId(), releases.nextSequence());
  }

  private Envelope decided(String type, String history, long sequence) {
    return Envelope.newBuilder(cause)
        .setEventId(Ids.sequenced(history, sequence))
        .setType(type)
        .setScreeningId(history)
        .setSequence(-1)
        .setOccurredAt(now)
        .setCausationId(cause.getEventId())
        .setProducer(Lifecycle.producer())
        .setPredecessor("")
        .build();
  }

  /** Everything that follows; a command where another job is awaited than before. */
  Effects effects() {
    List<SpecificRecord> commands =
        state instanceof Working working && !awaitedJob().equals(jobBefore)
            ? List.of(Commands.of(working, cause, now))
            : List.of();
    return new Effects(state, releases, events, commands, channels, intelligence, Optional.empty());
  }

  private String awaitedJob() {
    return state instanceof Working working ? working.job(null).getJobId() : "";
  }
}
