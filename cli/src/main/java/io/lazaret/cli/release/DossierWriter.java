package io.lazaret.cli.release;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lazaret.cli.platform.PlatformClient;
import io.lazaret.lifecycle.history.Chain;
import io.lazaret.lifecycle.history.EventJson;
import io.lazaret.lifecycle.screening.Screening;
import io.lazaret.lifecycle.screening.VerdictDocument;
import io.lazaret.problem.ProblemException;
import io.lazaret.schemas.ModelIngested;
import io.lazaret.schemas.ModelRef;
import io.lazaret.schemas.ObjectRef;
import io.lazaret.schemas.PromotionRequested;
import io.lazaret.schemas.ReleaseAdvanced;
import io.lazaret.schemas.RescreeningOpened;
import io.lazaret.schemas.ScreeningInputs;
import io.lazaret.schemas.Verdict;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.generic.IndexedRecord;
import org.apache.avro.specific.SpecificRecord;

/** Collects a dossier from a platform. */
final class DossierWriter {

  private final PlatformClient client;
  private final Path directory;

  DossierWriter(PlatformClient client, Path directory) {
    this.client = client;
    this.directory = directory;
  }

  /** Writes everything, the index last; returns the index. */
  String write(String screening) {
    refuseWhatIsThere();
    List<SpecificRecord> events = record(screening);
    put(
        DossierFiles.EVENTS,
        String.join("\n", events.stream().map(EventJson::write).toList()) + "\n");
    schemas(events);
    put(DossierFiles.POLICY, inputs(events.get(0)).getPolicy() + "\n");
    evidence(screening, events);
    Verdict verdict = verdict(events);
    Verdict allowing =
        events.get(0) instanceof PromotionRequested asked
            ? verdict(record(asked.getReleasedBy()))
            : verdict;
    if (allowing != null) {
      put(DossierFiles.VERDICT, VerdictDocument.of(allowing).toString());
    }
    ModelRef subject = subject(events, verdict);
    put(DossierFiles.MANIFEST, manifest(subject));
    events.stream()
        .filter(ReleaseAdvanced.class::isInstance)
        .map(ReleaseAdvanced.class::cast)
        .findFirst()
        .ifPresent(this::attestation);
    return index(screening, subject, events);
  }

  private List<SpecificRecord> record(String history) {
    try (Stream<String> lines = client.lines("api/record/" + history, Map.of())) {
      return RecordFile.read(lines);
    }
  }

  private static Verdict verdict(List<SpecificRecord> events) {
    return events.stream()
        .map(Screening::verdictOf)
        .filter(Objects::nonNull)
        .findFirst()
        .orElse(null);
  }

  private void refuseWhatIsThere() {
    try {
      Files.createDirectories(directory);
      try (Stream<Path> content = Files.list(directory)) {
        if (content.findAny().isPresent()) {
          throw ProblemException.of(
              "DIRECTORY_NOT_EMPTY",
              directory + " is not empty.",
              "Give another directory with --out.");
        }
      }
    } catch (IOException e) {
      throw unwritable(e);
    }
  }

  private void schemas(List<SpecificRecord> events) {
    events.stream()
        .map(SpecificRecord::getSchema)
        .distinct()
        .forEach(
            schema ->
                put(
                    DossierFiles.SCHEMAS + schema.getName() + ".avsc",
                    schema.toString(true) + "\n"));
  }

  private static ScreeningInputs inputs(SpecificRecord first) {
    if (first instanceof ModelIngested ingested) {
      return ingested.getInputs();
    } else if (first instanceof RescreeningOpened opened) {
      return opened.getInputs();
    } else if (first instanceof PromotionRequested asked) {
      return asked.getInputs();
    }
    throw ProblemException.of(
        "NOT_A_SCREENING",
        "This is not the history of a screening.",
        "Give the id of a screening.");
  }

  /** What stages left behind; the inputs of the screening belong to whoever gave them. */
  private void evidence(String screening, List<SpecificRecord> events) {
    for (ObjectRef ref : evidence(events)) {
      byte[] content =
          client.bytes("api/record/" + screening + "/objects/" + ref.getSha256(), Map.of());
      put(DossierFiles.EVIDENCE + ref.getSha256(), content);
    }
  }

  /** Every object that the events refer to, but inputs, each once. */
  static List<ObjectRef> evidence(List<? extends SpecificRecord> events) {
    Set<ObjectRef> found = new LinkedHashSet<>();
    events.forEach(event -> collect(event, found));
    return new ArrayList<>(found);
  }

  private static void collect(Object value, Set<ObjectRef> found) {
    if (value instanceof ObjectRef ref) {
      found.add(ref);
    } else if (value instanceof IndexedRecord record && !(record instanceof ScreeningInputs)) {
      for (Schema.Field field : record.getSchema().getFields()) {
        collect(record.get(field.pos()), found);
      }
    } else if (value instanceof List<?> list) {
      list.forEach(item -> collect(item, found));
    }
  }

  private static ModelRef subject(List<SpecificRecord> events, Verdict verdict) {
    if (verdict != null && verdict.getReleased() != null) {
      return verdict.getReleased();
    } else if (verdict != null && verdict.getElimination() != null) {
      return verdict.getElimination().getCheckpoint();
    }
    if (events.get(0) instanceof ModelIngested ingested) {
      return ingested.getModel();
    }
    return events.get(0) instanceof PromotionRequested asked
        ? asked.getReleased()
        : ((RescreeningOpened) events.get(0)).getReleased();
  }

  /** The canonical manifest, whose hash is the digest of the model. */
  private String manifest(ModelRef model) {
    ObjectNode manifest = JsonNodeFactory.instance.objectNode();
    var files = manifest.putArray("files");
    for (JsonNode file : client.modelFiles(model.getDigest())) {
      files
          .addObject()
          .put("path", file.path("path").asText())
          .put("sha256", file.path("sha256").asText())
          .put("size", file.path("size").asLong());
    }
    return manifest.toString();
  }

  private void attestation(ReleaseAdvanced advanced) {
    Map<String, String> query =
        Map.of(
            "model",
            advanced.getEnvelope().getModelName(),
            "channel",
            advanced.getChannel(),
            "revision",
            String.valueOf(advanced.getRevision()));
    byte[] attestation = client.bytes("api/releases/attestation", query);
    put(DossierFiles.ATTESTATION, attestation);
    String keyId = DossierCheck.keyId(attestation);
    put(DossierFiles.KEY, client.bytes("api/releases/keys/" + keyId, Map.of()));
  }

  private String index(String screening, ModelRef subject, List<SpecificRecord> events) {
    ObjectNode index = JsonNodeFactory.instance.objectNode();
    index.put("dossier", DossierFiles.VERSION);
    index.put("screeningId", screening);
    index.put("model", subject.getName());
    index.put("digest", subject.getDigest());
    index.put("events", events.size());
    index.put("head", Chain.verify(screening, events).head());
    ObjectNode files = index.putObject("files");
    DossierFiles.digests(directory).forEach(files::put);
    put(DossierFiles.INDEX, index.toString());
    return index.toString();
  }

  private void put(String name, String text) {
    put(name, text.getBytes(StandardCharsets.UTF_8));
  }

  private void put(String name, byte[] content) {
    Path file = directory.resolve(DossierFiles.checked(name));
    try {
      Files.createDirectories(file.getParent());
      Files.write(file, content);
    } catch (IOException e) {
      throw unwritable(e);
    }
  }

  private ProblemException unwritable(IOException e) {
    return ProblemException.of(
        "DIRECTORY_UNWRITABLE",
        directory + " cannot be written: " + e.getMessage() + ".",
        "Give another directory with --out, or correct its permissions.");
  }
}
