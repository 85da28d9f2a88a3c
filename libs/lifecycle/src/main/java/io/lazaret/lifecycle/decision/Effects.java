package io.lazaret.lifecycle.decision;

import io.lazaret.lifecycle.release.Releases;
import io.lazaret.lifecycle.screening.Screening;
import io.lazaret.schemas.ChannelState;
import io.lazaret.schemas.TriggerIntelligence;
import java.util.List;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;

/**
 * What follows from one inbox record, or from the passing of time.
 *
 * @param after the screening with its events applied
 * @param releases of the model with the events applied
 * @param events for the record, in order; each says which history it belongs to
 * @param commands for the stages, at most one
 * @param channels new states of release channels
 * @param intelligence new trigger intelligence, which is also among the events
 * @param dropped why nothing follows; empty when something does
 */
public record Effects(
    Screening after,
    Releases releases,
    List<SpecificRecord> events,
    List<SpecificRecord> commands,
    List<ChannelState> channels,
    List<TriggerIntelligence> intelligence,
    Optional<Dropped> dropped) {

  public Effects {
    events = List.copyOf(events);
    commands = List.copyOf(commands);
    channels = List.copyOf(channels);
    intelligence = List.copyOf(intelligence);
  }

  public static Effects none(Screening unchanged, Releases releases, Dropped why) {
    return new Effects(
        unchanged, releases, List.of(), List.of(), List.of(), List.of(), Optional.of(why));
  }
}
