package io.lazaret.eventing.avro;

import io.lazaret.problem.ProblemException;
import io.lazaret.schemas.Lazaret;
import java.util.Map;
import java.util.TreeMap;
import org.apache.avro.Schema;

/** Brings the language of the platform into the registry before the first record is written. */
public final class SchemaRegistration {

  private SchemaRegistration() {}

  /**
   * Registers every record of the protocol under its full name, each subject held to
   * BACKWARD_TRANSITIVE. Harmless when repeated.
   *
   * @return subject to schema id
   * @throws ProblemException SCHEMA_INCOMPATIBLE when the registry holds a version that this
   *     program could not read; REGISTRY_REFUSED, REGISTRY_UNAVAILABLE
   */
  public static Map<String, Integer> registerAll(RegistryClient registry) {
    Map<String, Integer> ids = new TreeMap<>();
    for (Schema schema : Lazaret.PROTOCOL.getTypes()) {
      if (schema.getType() == Schema.Type.RECORD) {
        String subject = schema.getFullName();
        registry.setLevel(subject, CompatibilityLevel.BACKWARD_TRANSITIVE);
        ids.put(subject, registry.register(subject, schema));
      }
    }
    return ids;
  }

  /**
   * Finds every record of the protocol in the registry, for clients that may not register.
   *
   * @return subject to schema id
   * @throws ProblemException SCHEMA_UNKNOWN naming the first one that is missing;
   *     REGISTRY_UNAVAILABLE
   */
  public static Map<String, Integer> requireAll(RegistryClient registry) {
    Map<String, Integer> ids = new TreeMap<>();
    for (Schema schema : Lazaret.PROTOCOL.getTypes()) {
      if (schema.getType() == Schema.Type.RECORD) {
        ids.put(schema.getFullName(), registry.lookup(schema.getFullName(), schema));
      }
    }
    return ids;
  }
}
