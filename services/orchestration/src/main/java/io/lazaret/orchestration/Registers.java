package io.lazaret.orchestration;

import io.lazaret.lifecycle.release.Releases;
import io.lazaret.schemas.ReleaseRegister;
import java.util.function.Consumer;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/** The releases of each model, by its name. */
final class Registers {

  static final String STORE = "release-registers";

  /** Registers that are kept at hand; the others are read again when they are asked for. */
  private static final int AT_HAND = 1_024;

  private final KeyValueStore<String, SpecificRecord> rows;
  private final Recent<Releases> recent = new Recent<>(AT_HAND);

  Registers(KeyValueStore<String, SpecificRecord> rows) {
    this.rows = rows;
  }

  Releases of(String modelName) {
    Releases atHand = recent.get(modelName);
    if (atHand == null) {
      SpecificRecord row = rows.get(modelName);
      atHand = row == null ? Releases.none(modelName) : Releases.of((ReleaseRegister) row);
      recent.put(modelName, atHand);
    }
    return atHand;
  }

  void put(Releases releases) {
    recent.put(releases.modelName(), releases);
    rows.put(releases.modelName(), releases.register());
  }

  void forEach(Consumer<Releases> action) {
    try (KeyValueIterator<String, SpecificRecord> all = rows.all()) {
      all.forEachRemaining(row -> action.accept(Releases.of((ReleaseRegister) row.value)));
    }
  }
}
