package io.lazaret.orchestration;

import io.lazaret.schemas.ChannelState;
import io.lazaret.schemas.ModelRef;
import java.util.HashMap;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/** What the release channels of each model name. */
final class Channels {

  static final String STORE = "channels";

  private final KeyValueStore<String, SpecificRecord> states;

  Channels(KeyValueStore<String, SpecificRecord> states) {
    this.states = states;
  }

  /** Key of a channel, in the store and on the topic. */
  static String key(ChannelState state) {
    return state.getEnvelope().getModelName() + "/" + state.getChannel();
  }

  /** What each channel of a model names now; channels that name nothing are missing. */
  Map<String, ModelRef> of(String modelName) {
    Map<String, ModelRef> named = new HashMap<>();
    try (KeyValueIterator<String, SpecificRecord> rows =
        states.prefixScan(modelName + "/", new StringSerializer())) {
      rows.forEachRemaining(
          row -> {
            ChannelState state = (ChannelState) row.value;
            // A name may begin with another name and a slash.
            boolean ofModel = state.getEnvelope().getModelName().equals(modelName);
            if (ofModel && state.getReleased() != null) {
              named.put(state.getChannel(), state.getReleased());
            }
          });
    }
    return named;
  }

  void put(ChannelState state) {
    states.put(key(state), state);
  }
}
