package io.lazaret.lifecycle.decision;

import io.lazaret.lifecycle.release.Releases;
import io.lazaret.lifecycle.screening.Facts;
import io.lazaret.lifecycle.screening.Screening;
import io.lazaret.lifecycle.screening.Screening.Unknown;
import io.lazaret.lifecycle.screening.Screening.Working;
import io.lazaret.lifecycle.screening.Transitions;
import io.lazaret.schemas.ChannelState;
import io.lazaret.schemas.Envelope;
import io.lazaret.schemas.Ids;
import io.lazaret.schemas.Producer;
import io.lazaret.schemas.TriggerIntelligence;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;

/** One decision while it is made: every event is applied before the next one is thought of. */
public final class Recorder {

  /** Version of these rules, as written into every event that they produce. */
  private static final String VERSION = "3";

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
  public Recorder(Screening state, Circumstances circumstances, Envelope cause) {
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

  public Instant now() {
    return now;
  }

  /** Records an event of the screening. */
  public void append(SpecificRecord record) {
    SpecificRecord event = Facts.at(state.at(), record);
    Screening before = state;
    state = Transitions.after(state, event);
    took(event, before);
  }

  /** Records an event of the model's own history, beside those of its screenings. */
  public void appendOwn(SpecificRecord record) {
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
  public Envelope decided(String type) {
    return decided(type, cause.getScreeningId(), state.nextSequence());
  }

  /** The envelope of the next event of the model's own history. */
  public Envelope decidedOwn(String type) {
    return decided(type, releases.historyId(), releases.nextSequence());
  }

  private Envelope decided(String type, String history, long sequence) {
    return caused(cause, Ids.sequenced(history, sequence), type, history, now);
  }

  /** The envelope of what these rules write because of an event. */
  static Envelope caused(
      Envelope cause, String eventId, String type, String screeningId, Instant now) {
    return new Envelope(
        eventId,
        type,
        screeningId,
        cause.getModelName(),
        -1L,
        now,
        cause.getEventId(),
        cause.getCorrelationId(),
        cause.getTraceparent(),
        producer(),
        "");
  }

  /** What these rules sign their events with. */
  public static Producer producer() {
    return new Producer("lazaret-lifecycle", VERSION);
  }

  /** Everything that follows; a command where another job is awaited than before. */
  public Effects effects() {
    List<SpecificRecord> commands =
        state instanceof Working working && !awaitedJob().equals(jobBefore)
            ? List.of(Commands.of(working, cause, now))
            : List.of();
    return new Effects(state, releases, events, commands, channels, intelligence, Optional.empty());
  }

  private String awaitedJob() {
    return state instanceof Working working ? working.jobId() : "";
  }
}
