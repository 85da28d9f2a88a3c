package io.lazaret.lifecycle;

import io.lazaret.lifecycle.Screening.Judged;
import io.lazaret.lifecycle.Screening.Releasing;
import io.lazaret.lifecycle.Screening.Working;
import io.lazaret.schemas.ChannelState;
import io.lazaret.schemas.Envelope;
import io.lazaret.schemas.Ids;
import io.lazaret.schemas.Job;
import io.lazaret.schemas.ModelRef;
import io.lazaret.schemas.Problem;
import io.lazaret.schemas.Producer;
import io.lazaret.schemas.ReleaseAdvanced;
import io.lazaret.schemas.StageFailed;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;

/** What follows from a record that somebody put into the inbox. Pure: same input, same effects. */
public final class Lifecycle {

  /** Version of these rules, as written into every event that they produce. */
  private static final String VERSION = "1";

  private final Instant now;
  private final Map<String, ModelRef> channels;
  private final List<SpecificRecord> events = new ArrayList<>();
  private final List<SpecificRecord> commands = new ArrayList<>();
  private final List<ChannelState> states = new ArrayList<>();
  private Screening state;
  private Envelope cause;

  private Lifecycle(Screening state, Map<String, ModelRef> channels, Instant now) {
    this.state = state;
    this.channels = channels;
    this.now = now;
  }

  /**
   * Decides.
   *
   * @param current the screening that the record belongs to, folded from its history
   * @param channels what each release channel of the model names now
   * @param record from the inbox
   * @param now time of the decision, cut to milliseconds
   */
  public static Effects decide(
      Screening current, Map<String, ModelRef> channels, SpecificRecord record, Instant now) {
    Optional<Dropped> refused = Inbox.refuse(current, record);
    if (refused.isPresent()) {
      return Effects.none(current, refused.get());
    }
    return new Lifecycle(current, channels, now.truncatedTo(ChronoUnit.MILLIS)).accept(record);
  }

  /**
   * {@link #decide(Screening, Map, SpecificRecord, Instant)} on a history that is not yet folded.
   */
  public static Effects decide(
      List<? extends SpecificRecord> history,
      Map<String, ModelRef> channels,
      SpecificRecord record,
      Instant now) {
    return decide(Screening.fold(history), channels, record, now);
  }

  static Producer producer() {
    return new Producer("lazaret-lifecycle", VERSION);
  }

  private Effects accept(SpecificRecord record) {
    append(state instanceof Working working ? believable(working, record) : record);
    if (state instanceof Judged judged) {
      append(Verdicts.of(judged, decided("verdict")));
    }
    if (state instanceof Releasing releasing) {
      release(releasing.file());
    }
    if (state instanceof Working working) {
      commands.add(Commands.of(working, cause, now));
    }
    return new Effects(state, events, commands, states, Optional.empty());
  }

  private void append(SpecificRecord record) {
    SpecificRecord event = Facts.at(state.nextSequence(), record);
    state = Transitions.after(state, event);
    cause = Facts.envelope(event);
    events.add(event);
  }

  /** A result that contradicts what was asked for is a failure, never a finding. */
  private SpecificRecord believable(Working working, SpecificRecord result) {
    return Inbox.contradiction(working, result)
        .<SpecificRecord>map(
            sentence -> {
              Job job = Facts.job(result);
              Envelope envelope = Envelope.newBuilder(Facts.envelope(result)).build();
              envelope.setEventId(Ids.jobEvent(job.getJobId(), "StageFailed"));
              envelope.setType("StageFailed");
              return new StageFailed(
                  envelope,
                  job,
                  new Problem(
                      "RESULT_CONTRADICTS_COMMAND",
                      "The result of " + job.getStage() + " cannot be believed: " + sentence + ".",
                      "Compare the versions of the services; screen the model again.",
                      false));
            })
        .orElse(result);
  }

  private void release(CaseFile file) {
    String channel = file.policy().channel();
    ReleaseAdvanced advanced =
        ReleaseAdvanced.newBuilder()
            .setEnvelope(decided("ReleaseAdvanced"))
            .setChannel(channel)
            .setPrevious(channels.get(channel))
            .setReleased(file.current())
            .setReason("Screening " + file.screeningId() + " promoted it.")
            .build();
    append(advanced);
    states.add(
        ChannelState.newBuilder()
            .setEnvelope(
                Envelope.newBuilder(cause)
                    .setEventId(Ids.derive(cause.getEventId(), "ChannelState"))
                    .setType("ChannelState")
                    .setCausationId(cause.getEventId())
                    .build())
            .setChannel(channel)
            .setReleased(file.current())
            .build());
  }

  /** The envelope of an event that follows from the one before it. */
  private Envelope decided(String type) {
    return Envelope.newBuilder(cause)
        .setEventId(Ids.sequenced(cause.getScreeningId(), state.nextSequence()))
        .setType(type)
        .setOccurredAt(now)
        .setCausationId(cause.getEventId())
        .setProducer(producer())
        .build();
  }
}
