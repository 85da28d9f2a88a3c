package io.lazaret.eventing.avro;

import com.fasterxml.jackson.databind.JsonNode;
import io.lazaret.problem.Problem;
import io.lazaret.problem.ProblemException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.Schema;

/**
 * Speaks Confluent's schema registry protocol. Thread-safe; caches what can never change (ids of
 * schemas, schemas of ids) and, for a short while, what the registry does not know.
 *
 * <p>All methods throw {@link ProblemException} REGISTRY_UNAVAILABLE (passing) when no node answers
 * and REGISTRY_REFUSED when one answers with a refusal that has no code of its own below.
 */
public final class RegistryClient {

  /** Protocol codes for "there is no such subject, version or schema". */
  private static final List<Integer> MISSING = List.of(40401, 40402, 40403);

  /** Missing things remembered at most; hostile records can name four billion ids. */
  private static final int MAX_MISSING = 1_000;

  private record Known(String subject, Schema schema) {}

  /** The answer to a compatibility question. */
  public record Compatibility(boolean compatible, List<String> messages) {}

  private final RegistrySettings settings;
  private final RegistryTransport transport;
  private final Clock clock;
  private final Map<Known, Integer> ids = new ConcurrentHashMap<>();
  private final Map<Integer, Schema> schemas = new ConcurrentHashMap<>();
  private final Map<Object, Instant> missing = new LinkedHashMap<>();

  public RegistryClient(RegistrySettings settings) {
    this(settings, Clock.systemUTC());
  }

  /**
   * @param clock decides when something missing is asked for again
   */
  public RegistryClient(RegistrySettings settings, Clock clock) {
    this.settings = settings;
    this.transport = new RegistryTransport(settings);
    this.clock = clock;
  }

  /**
   * Registers a schema, or finds that it is registered already.
   *
   * @return its id
   * @throws ProblemException SCHEMA_INCOMPATIBLE when the subject's level refuses it
   */
  public int register(String subject, Schema schema) {
    Known known = new Known(subject, schema);
    Integer id = ids.get(known);
    if (id == null) {
      RegistryTransport.Answer answer =
          transport.call("POST", "/subjects/" + encode(subject) + "/versions", text(schema));
      if (answer.status() == 409 || answer.errorCode() == 409) {
        throw ProblemException.of(
            "SCHEMA_INCOMPATIBLE",
            "The registry refuses the schema of " + subject + ": " + answer.message(),
            "Change the schema so that it reads every released version, e.g. give new fields"
                + " defaults.");
      }
      id = accepted(answer, "register " + subject).path("id").asInt();
      ids.put(known, id);
      forget(known);
    }
    return id;
  }

  /**
   * The id of a schema that is registered under the subject.
   *
   * @throws ProblemException SCHEMA_UNKNOWN when it is not
   */
  public int lookup(String subject, Schema schema) {
    Known known = new Known(subject, schema);
    Integer id = ids.get(known);
    if (id == null) {
      String what = "the present schema of " + schema.getFullName() + " under subject " + subject;
      refuseIfMissing(known, what);
      RegistryTransport.Answer answer =
          transport.call("POST", "/subjects/" + encode(subject), text(schema));
      id = found(answer, known, what).path("id").asInt();
      ids.put(known, id);
    }
    return id;
  }

  /**
   * The schema of an id.
   *
   * @throws ProblemException SCHEMA_UNKNOWN when there is none; SCHEMA_UNREADABLE when its text is
   *     not an Avro schema
   */
  public Schema schema(int id) {
    Schema schema = schemas.get(id);
    if (schema == null) {
      String what = "schema id " + id;
      refuseIfMissing(id, what);
      JsonNode body = found(transport.get("/schemas/ids/" + id), id, what);
      try {
        schema = new Schema.Parser().parse(body.path("schema").asText());
      } catch (RuntimeException e) {
        // Avro's parser reports text that is no schema by almost any of these.
        throw new ProblemException(
            Problem.of(
                "SCHEMA_UNREADABLE",
                "Schema id " + id + " is not an Avro schema: " + e.getMessage(),
                "Find out who registered it."),
            e);
      }
      schemas.put(id, schema);
    }
    return schema;
  }

  /** All subjects. */
  public List<String> subjects() {
    List<String> subjects = new ArrayList<>();
    accepted(transport.get("/subjects"), "list subjects").forEach(n -> subjects.add(n.asText()));
    return subjects;
  }

  /** The versions of a subject, ascending; empty when there is no such subject. */
  public List<Integer> versions(String subject) {
    RegistryTransport.Answer answer = transport.get("/subjects/" + encode(subject) + "/versions");
    List<Integer> versions = new ArrayList<>();
    if (!MISSING.contains(answer.errorCode())) {
      accepted(answer, "list versions of " + subject).forEach(n -> versions.add(n.asInt()));
    }
    return versions;
  }

  /** Whether the subject's level would accept the schema; true when there is no such subject. */
  public Compatibility compatibility(String subject, Schema schema) {
    RegistryTransport.Answer answer =
        transport.call(
            "POST",
            "/compatibility/subjects/" + encode(subject) + "/versions?verbose=true",
            text(schema));
    if (MISSING.contains(answer.errorCode())) {
      return new Compatibility(true, List.of());
    }
    JsonNode body = accepted(answer, "check " + subject);
    List<String> messages = new ArrayList<>();
    body.path("messages").forEach(node -> messages.add(node.asText()));
    return new Compatibility(body.path("is_compatible").asBoolean(), messages);
  }

  /** Sets the level that new versions of a subject, which need not exist yet, must satisfy. */
  public void setLevel(String subject, CompatibilityLevel level) {
    accepted(
        transport.call("PUT", "/config/" + encode(subject), Map.of("compatibility", level.name())),
        "set the compatibility of " + subject);
  }

  /** The level in force for a subject: its own or the global one. */
  public CompatibilityLevel level(String subject) {
    JsonNode body =
        accepted(
            transport.get("/config/" + encode(subject) + "?defaultToGlobal=true"),
            "read the compatibility of " + subject);
    return CompatibilityLevel.valueOf(body.path("compatibilityLevel").asText());
  }

  private JsonNode found(RegistryTransport.Answer answer, Object key, String what) {
    if (answer.status() == 404) {
      remember(key);
      throw unknown(what);
    }
    return accepted(answer, "find " + what);
  }

  private JsonNode accepted(RegistryTransport.Answer answer, String what) {
    if (!answer.ok()) {
      throw ProblemException.of(
          "REGISTRY_REFUSED",
          "The schema registry at "
              + settings.urls()
              + " refused to "
              + what
              + ": status "
              + answer.status()
              + ", "
              + answer.message(),
          "Check the credentials in basic.auth.user.info and the rights of the user.");
    }
    return answer.body();
  }

  private ProblemException unknown(String what) {
    return ProblemException.of(
        "SCHEMA_UNKNOWN",
        "The schema registry at " + settings.urls() + " does not know " + what,
        "Register the schemas at start-up, and check that writer and reader use one registry.");
  }

  private void refuseIfMissing(Object key, String what) {
    synchronized (missing) {
      Instant until = missing.get(key);
      if (until != null && clock.instant().isBefore(until)) {
        throw unknown(what);
      }
      missing.remove(key);
    }
  }

  private void remember(Object key) {
    synchronized (missing) {
      missing.put(key, clock.instant().plus(settings.missingTtl()));
      if (missing.size() > MAX_MISSING) {
        missing.remove(missing.keySet().iterator().next());
      }
    }
  }

  private void forget(Object key) {
    synchronized (missing) {
      missing.remove(key);
    }
  }

  private static Map<String, String> text(Schema schema) {
    return Map.of("schema", schema.toString());
  }

  private static String encode(String subject) {
    return URLEncoder.encode(subject, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
