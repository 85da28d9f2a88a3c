package io.lazaret.embedded.registry;

import java.util.List;
import java.util.Optional;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.apache.avro.SchemaCompatibility.SchemaPairCompatibility;

/** Compatibility levels of the registry protocol. */
enum Level {
  NONE(false, false, false),
  BACKWARD(true, false, false),
  BACKWARD_TRANSITIVE(true, false, true),
  FORWARD(false, true, false),
  FORWARD_TRANSITIVE(false, true, true),
  FULL(true, true, false),
  FULL_TRANSITIVE(true, true, true);

  private final boolean readsOld;
  private final boolean readByOld;
  private final boolean transitive;

  Level(boolean readsOld, boolean readByOld, boolean transitive) {
    this.readsOld = readsOld;
    this.readByOld = readByOld;
    this.transitive = transitive;
  }

  static Level parse(String name) {
    for (Level level : values()) {
      if (level.name().equals(name)) {
        return level;
      }
    }
    throw RegistryError.invalidLevel(name);
  }

  /**
   * Why a schema may not follow the earlier ones, if it may not.
   *
   * @param earlier in the order of their versions
   */
  Optional<String> refusal(Schema candidate, List<Schema> earlier) {
    int from = transitive ? 0 : Math.max(0, earlier.size() - 1);
    for (int i = earlier.size() - 1; i >= from; i--) {
      Optional<String> refusal = refusal(candidate, earlier.get(i), i + 1);
      if (refusal.isPresent()) {
        return refusal;
      }
    }
    return Optional.empty();
  }

  /** As {@link #refusal(Schema, List)}, against one version only. */
  Optional<String> refusal(Schema candidate, Schema earlier, int version) {
    if (readsOld) {
      Optional<String> refusal = unreadable(candidate, earlier);
      if (refusal.isPresent()) {
        return refusal.map(why -> "it cannot read version " + version + ": " + why);
      }
    }
    if (readByOld) {
      return unreadable(earlier, candidate)
          .map(why -> "version " + version + " cannot read it: " + why);
    }
    return Optional.empty();
  }

  private static Optional<String> unreadable(Schema reader, Schema writer) {
    SchemaPairCompatibility pair =
        SchemaCompatibility.checkReaderWriterCompatibility(reader, writer);
    return pair.getType() == SchemaCompatibilityType.COMPATIBLE
        ? Optional.empty()
        : Optional.of(String.valueOf(pair.getResult().getIncompatibilities()));
  }
}
