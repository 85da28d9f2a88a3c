package io.lazaret.embedded.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.avro.Schema;

/** Subjects, versions, ids and levels: in memory, and in the journal before anybody is told. */
public final class SchemaStore implements AutoCloseable {

  /** One version of a subject. */
  record Version(String subject, int version, int id, Schema schema) {}

  private final Map<String, List<Version>> subjects = new TreeMap<>();
  private final Map<Integer, Schema> byId = new TreeMap<>();
  private final Map<String, Integer> idByText = new HashMap<>();
  private final Map<String, Level> levels = new HashMap<>();
  private Level globalLevel = Level.BACKWARD;
  private Journal journal;

  private SchemaStore() {}

  /**
   * @throws io.lazaret.problem.ProblemException DIRECTORY_NOT_WRITABLE, REGISTRY_JOURNAL_DAMAGED
   */
  public static SchemaStore open(Path dir) {
    SchemaStore store = new SchemaStore();
    int[] line = {0};
    store.journal =
        Journal.open(
            dir,
            entry -> {
              line[0]++;
              try {
                store.apply(entry);
              } catch (RuntimeException e) {
                throw Journal.damaged(dir.resolve("schemas.jsonl"), line[0], e.getMessage());
              }
            });
    return store;
  }

  private void apply(JsonNode entry) {
    if (entry.has("level")) {
      Level level = Level.parse(entry.path("level").asText());
      if (entry.path("subject").isTextual()) {
        levels.put(entry.path("subject").asText(), level);
      } else {
        globalLevel = level;
      }
      return;
    }
    Schema schema = parse(entry.path("schema").asText());
    add(
        new Version(
            entry.path("subject").asText(),
            entry.path("version").asInt(),
            entry.path("id").asInt(),
            schema));
  }

  private void add(Version version) {
    subjects.computeIfAbsent(version.subject(), s -> new ArrayList<>()).add(version);
    byId.put(version.id(), version.schema());
    idByText.put(version.schema().toString(), version.id());
  }

  static Schema parse(String text) {
    try {
      return new Schema.Parser().parse(text);
    } catch (RuntimeException e) {
      throw RegistryError.invalidSchema(e.getMessage());
    }
  }

  /** Registers a schema unless the subject has it; returns its id. */
  synchronized int register(String subject, Schema schema) {
    List<Version> versions = subjects.getOrDefault(subject, List.of());
    String text = schema.toString();
    for (Version version : versions) {
      if (version.schema().toString().equals(text)) {
        return version.id();
      }
    }
    List<Schema> earlier = versions.stream().map(Version::schema).toList();
    Optional<String> refusal = level(subject).refusal(schema, earlier);
    if (refusal.isPresent()) {
      throw RegistryError.incompatible(refusal.get());
    }
    int id = idByText.getOrDefault(text, byId.size() + 1);
    Version added = new Version(subject, versions.size() + 1, id, schema);
    ObjectNode entry = journal.entry();
    entry.put("subject", subject).put("version", added.version()).put("id", id);
    entry.put("schema", text);
    write(entry);
    add(added);
    return id;
  }

  private void write(ObjectNode entry) {
    try {
      journal.append(entry);
    } catch (IOException e) {
      throw RegistryError.storeFailed(e.getMessage());
    }
  }

  synchronized Set<String> subjects() {
    return new TreeSet<>(subjects.keySet());
  }

  synchronized List<Version> versions(String subject) {
    List<Version> versions = subjects.get(subject);
    if (versions == null) {
      throw RegistryError.subjectNotFound(subject);
    }
    return List.copyOf(versions);
  }

  /**
   * @param version a number from 1, or {@code latest}, or its alias -1
   */
  Version version(String subject, String version) {
    List<Version> versions = versions(subject);
    if (version.equals("latest") || version.equals("-1")) {
      return versions.get(versions.size() - 1);
    }
    int number;
    try {
      number = Integer.parseInt(version);
    } catch (NumberFormatException e) {
      throw RegistryError.invalidVersion(version);
    }
    if (number < 1) {
      throw RegistryError.invalidVersion(version);
    }
    if (number > versions.size()) {
      throw RegistryError.versionNotFound(version);
    }
    return versions.get(number - 1);
  }

  Version lookup(String subject, Schema schema) {
    String text = schema.toString();
    return versions(subject).stream()
        .filter(version -> version.schema().toString().equals(text))
        .findFirst()
        .orElseThrow(RegistryError::schemaNotFound);
  }

  synchronized Schema byId(String id) {
    try {
      Schema schema = byId.get(Integer.parseInt(id));
      if (schema != null) {
        return schema;
      }
    } catch (NumberFormatException e) {
      throw RegistryError.noSuchPath("/schemas/ids/" + id);
    }
    throw RegistryError.schemaNotFound();
  }

  synchronized List<Version> usesOf(String id) {
    Schema schema = byId(id);
    return subjects.values().stream()
        .flatMap(List::stream)
        .filter(version -> version.schema().equals(schema))
        .toList();
  }

  synchronized Level level(String subject) {
    return levels.getOrDefault(subject, globalLevel);
  }

  synchronized Optional<Level> ownLevel(String subject) {
    return Optional.ofNullable(levels.get(subject));
  }

  synchronized Level globalLevel() {
    return globalLevel;
  }

  /**
   * @param subject or null for the level of all subjects without their own
   */
  synchronized void setLevel(String subject, Level level) {
    Level before = subject == null ? globalLevel : levels.get(subject);
    if (level == before) {
      return;
    }
    ObjectNode entry = journal.entry();
    write(entry.put("subject", subject).put("level", level.name()));
    if (subject == null) {
      globalLevel = level;
    } else {
      levels.put(subject, level);
    }
  }

  @Override
  public synchronized void close() {
    journal.close();
  }
}
