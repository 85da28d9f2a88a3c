package io.lazaret.console.stream;

import java.util.Set;

/**
 * What a reader wants to hear of. Empty sets and null let everything through.
 *
 * @param types of events; heartbeats have the type StageProgress, channels ChannelState
 * @param stages of events about a stage's work, and of heartbeats
 */
public record Filter(String model, String screening, Set<String> types, Set<String> stages) {

  boolean lets(Message.Subject subject) {
    return (model == null || model.equals(subject.model()))
        && (screening == null || screening.equals(subject.screening()))
        && (types.isEmpty() || types.contains(subject.type()))
        && (stages.isEmpty() || stages.contains(subject.stage()));
  }
}
