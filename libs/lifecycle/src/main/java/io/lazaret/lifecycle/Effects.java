package io.lazaret.lifecycle;

import io.lazaret.schemas.ChannelState;
import java.util.List;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;

/**
 * What follows from one inbox record.
 *
 * @param after the screening with the events applied
 * @param events in sequence, for the record
 * @param commands for the stages, at most one
 * @param channels new states of release channels
 * @param dropped why nothing follows; empty when something does
 */
public record Effects(
    Screening after,
    List<SpecificRecord> events,
    List<SpecificRecord> commands,
    List<ChannelState> channels,
    Optional<Dropped> dropped) {

  public Effects {
    events = List.copyOf(events);
    commands = List.copyOf(commands);
    channels = List.copyOf(channels);
  }

  static Effects none(Screening unchanged, Dropped why) {
    return new Effects(unchanged, List.of(), List.of(), List.of(), Optional.of(why));
  }
}
