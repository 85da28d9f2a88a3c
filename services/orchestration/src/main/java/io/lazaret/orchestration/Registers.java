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

  private final KeyValueStore<String, SpecificRecord> rows;

  Registers(KeyValueStore<String, SpecificRecord> rows) {
    this.rows = rows;
  }

  Releases of(String modelName) {
    SpecificRecord row = rows.get(modelName);
    return row == null ? Releases.none(modelName) : Releases.of((ReleaseRegister) row);
  }

  void put(Releases releases) {
    rows.put(releases.modelName(), releases.register());
  }

  void forEach(Consumer<Releases> action) {
    try (KeyValueIterator<String, SpecificRecord> all = rows.all()) {
      all.forEachRemaining(row -> action.accept(Releases.of((ReleaseRegister) row.value)));
    }
  }
}
