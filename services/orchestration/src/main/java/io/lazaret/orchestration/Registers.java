package io.lazaret.orchestration;

import io.lazaret.lifecycle.release.Releases;
import io.lazaret.lifecycle.screening.Facts;
import io.lazaret.schemas.ReleaseRegister;
import io.lazaret.schemas.ReleasedCheckpoint;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * The releases of each model: a row by its name, and a row for each of its checkpoints, so that a
 * promotion writes what it changed and not all that is remembered.
 */
final class Registers {

  static final String STORE = "release-registers";

  /** Registers that are kept at hand; the others are read again when they are asked for. */
  private static final int AT_HAND = 1_024;

  /** No name of a model holds it. */
  private static final String SEPARATOR = "@";

  /** Releases with those of their checkpoints that have rows, as they stand there. */
  private record AtHand(Releases releases, Map<String, ReleasedCheckpoint> rows) {}

  private final KeyValueStore<String, SpecificRecord> rows;
  private final Recent<AtHand> recent = new Recent<>(AT_HAND);

  Registers(KeyValueStore<String, SpecificRecord> rows) {
    this.rows = rows;
  }

  Releases of(String modelName) {
    return atHand(modelName).releases();
  }

  private AtHand atHand(String modelName) {
    AtHand atHand = recent.get(modelName);
    if (atHand == null) {
      SpecificRecord row = rows.get(modelName);
      atHand =
          row == null
              ? new AtHand(Releases.none(modelName), Map.of())
              : whole((ReleaseRegister) row);
      recent.put(modelName, atHand);
    }
    return atHand;
  }

  void put(Releases releases) {
    String model = releases.modelName();
    Map<String, ReleasedCheckpoint> before = atHand(model).rows();
    Map<String, ReleasedCheckpoint> after = new LinkedHashMap<>();
    for (ReleasedCheckpoint each : releases.register().getCheckpoints()) {
      String digest = each.getModel().getDigest();
      // Records are never changed once they are made: another content is another record.
      if (before.get(digest) != each) {
        rows.put(row(model, digest), each);
      }
      after.put(digest, each);
    }
    before.keySet().stream()
        .filter(digest -> !after.containsKey(digest))
        .forEach(digest -> rows.delete(row(model, digest)));
    ReleaseRegister register = Facts.copy(releases.register());
    register.setCheckpoints(List.of());
    register.setRemembered(List.copyOf(after.keySet()));
    rows.put(model, register);
    recent.put(model, new AtHand(releases, after));
  }

  /** Puts together what lies in rows of its own; earlier versions kept all of it in one. */
  private AtHand whole(ReleaseRegister row) {
    Map<String, ReleasedCheckpoint> own = new LinkedHashMap<>();
    for (String digest : row.getRemembered()) {
      own.put(digest, (ReleasedCheckpoint) rows.get(row(row.getModelName(), digest)));
    }
    if (!own.isEmpty()) {
      row.setCheckpoints(List.copyOf(own.values()));
      row.setRemembered(List.of());
    }
    return new AtHand(Releases.of(row), own);
  }

  /** Every model that has releases, by its name; of their checkpoints nothing is put together. */
  void forEachModel(Consumer<String> action) {
    try (KeyValueIterator<String, SpecificRecord> all = rows.all()) {
      while (all.hasNext()) {
        if (all.next().value instanceof ReleaseRegister register) {
          action.accept(register.getModelName());
        }
      }
    }
  }

  private static String row(String model, String digest) {
    return model + SEPARATOR + digest;
  }
}
